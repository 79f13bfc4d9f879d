! The same as tests/c/axes.c, in Fortran's order.
program axes
  use h5sim
  use, intrinsic :: iso_c_binding, only: c_int
  use, intrinsic :: iso_fortran_env, only: int32, int64, real32, real64
  implicit none
  interface
    function raise(signal) bind(c) result(status)
      import :: c_int
      integer(c_int), value :: signal
      integer(c_int) :: status
    end function raise
  end interface
  integer(c_int), parameter :: killed = 9
  type(h5sim_file) :: file
  real(real64) :: field(4, 3) = 0
  character(500) :: path, libver, way
  character(200) :: message
  integer :: step, status
  integer(c_int) :: raised

  call get_command_argument(1, path)
  call get_command_argument(2, libver)
  call get_command_argument(3, way)
  call file%open(path, "w", libver=trim(libver), track_order=.true.)
  call file%write("x", [0.0_real64, 0.5_real64, 1.0_real64, 1.5_real64], &
    & attrs='{"units": "m", "long_name": "length"}')
  call file%write("bare", field, dims=[character(7) :: "columns", "rows"])
  call file%write("late", field)
  call file%set_dims("late", ["x", "y"])
  call file%write("nameless", field, dims=["x", "y"])
  call file%set_dims("nameless")
  call file%write("y", [0.0_real64, 1.0_real64, 2.0_real64], attrs='{"units": "m"}')
  call has_names(file%dims("late"), ["x", "y"])
  call has_names(file%dims("nameless"), [" ", " "])
  call has_names(h5sim_dims(file, "bare"), [character(7) :: "columns", "rows"])

  ! What is wrong has a status and a sentence, as everywhere.
  call file%set_dims("late", ["x"], stat=status, errmsg=message)
  if (status /= H5SIM_ERR_SHAPE .or. index(message, "names 1 axes") == 0) error stop "one name"
  if (size(file%dims("nothing", stat=status, errmsg=message)) /= 0) error stop "names of nothing"
  if (status /= H5SIM_ERR_NOT_FOUND .or. index(message, "nothing") == 0) error stop "no names"
  call file%vtkhdf(point_data=["nothing"], stat=status, errmsg=message)
  if (status /= H5SIM_ERR_NOT_FOUND .or. index(message, "nothing") == 0) error stop "nothing for ParaView"
  call file%vtkhdf(type="PolyData", points="late", count=3, stat=status, errmsg=message)
  if (status /= H5SIM_ERR_SHAPE .and. status /= H5SIM_ERR_ARGUMENT) error stop "no particles"
  call file%truncate("late", 1, stat=status, errmsg=message)
  if (status /= H5SIM_ERR_SHAPE .or. index(message, "in one piece") == 0) error stop "in one piece"
  call file%rewind("nothing", 1.0_real64, stat=status, errmsg=message)
  if (status /= H5SIM_ERR_NOT_FOUND) error stop "no axis"

  call append(0, 0)
  call file%vtkhdf(point_data=["fields/u"], time="time", origin=[0.0_real64, 0.0_real64], spacing=[0.5_real64, 1.0_real64])
  do step = 1, 6
    call append(step, 0)
  end do
  call file%commit()
  call file%rewind("time", 2.0_real32)
  call file%truncate("extra", 3)
  call h5sim_truncate(file, "extra", 2_int64)
  if (way == "rewind") raised = raise(killed)
  call append(5, 1000)
  call append(6, 1000)
  call file%commit()
  if (way == "kill") then
    call append(7, 0)
    call file%write("lost", field(:, 1), dims=["x"])
    raised = raise(killed)
  end if
  call file%close()

contains

  subroutine has_names(found, wanted)
    character(*), intent(in) :: found(:), wanted(:)

    if (size(found) /= size(wanted) .or. len(found) /= len(wanted)) error stop "other names"
    if (any(found /= wanted)) error stop "other names"
  end subroutine has_names

  subroutine append(step, more)
    integer, intent(in) :: step, more
    integer :: i, j

    do j = 1, 3
      do i = 1, 4
        field(i, j) = 100 * step + 10 * (j - 1) + (i - 1) + more
      end do
    end do
    call file%append("time", step / 2.0_real64, dims=["time"], attrs='{"units": "s"}')
    call file%append("fields/u", field, &
      & dims=[character(4) :: "x", "y", "time"], attrs='{"units": "K"}', compression="gzip")
    call file%append("mean", real(step + more, real64), dims=["time"])
    call file%append("extra", real(step + more, real64), chunks=[4])
  end subroutine append

end program axes
