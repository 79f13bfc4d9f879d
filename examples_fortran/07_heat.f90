! A whole simulation: the heat equation on a plate, with a layer of ghost cells around it.
!
!     07_heat heat.yaml          run to the end, or go on with a run that was stopped
!     07_heat heat.yaml 2000     stop after step 2000, as a job whose time is over
!
! The file is named by the hash of the parameters: the same parameters find the same file, whoever wrote it, and a run
! that the program in C began can be ended by this one.
program heat
  use h5sim
  use, intrinsic :: iso_fortran_env, only: int64, real64
  implicit none
  type(h5sim_file) :: file
  type(h5sim_json) :: parameters
  real(real64), allocatable :: field(:, :), next(:, :)
  real(real64) :: spacing, diffusivity, cold, hot, time_step, rate
  integer :: nx, ny, steps, every, last, done, i, j
  character(:), allocatable :: name
  character(100) :: argument

  argument = "heat.yaml"
  if (command_argument_count() > 0) call get_command_argument(1, argument)
  call parameters%parse_yaml_file(argument)
  call parameters%get("/grid/nx", nx)
  call parameters%get("/grid/ny", ny)
  call parameters%get("/grid/spacing", spacing)
  call parameters%get("/plate/diffusivity", diffusivity)
  call parameters%get("/plate/cold", cold)
  call parameters%get("/plate/hot", hot)
  call parameters%get("/run/steps", steps)
  call parameters%get("/run/snapshot_every", every)
  call parameters%get("/run/time_step", time_step)
  last = steps
  if (command_argument_count() > 1) then
    call get_command_argument(2, argument)
    read(argument, *) last
  end if

  allocate(field(0:nx + 1, 0:ny + 1), source=cold)
  field(0, :) = hot
  allocate(next, source=field)
  done = 0
  ! [name]
  name = h5sim_hash_name("heat_", parameters, suffix=".h5")
  call file%open(name, "a")
  if (file%exists("meta")) then
    call file%get_attr("/", "steps_done", done)
  ! [end of name]
    if (done == steps) then
      print "(2a)", name, " is finished: nothing to do"
      stop
    end if
    print "(2a, i0)", name, " goes on after step ", done
    ! [resume]
    call file%read("temperature", field(1:nx, 1:ny), slice="-1")
    ! [end of resume]
  else
    ! [new]
    call file%write("meta", parameters)
    call file%set_attr("/", "Conventions", "CF-1.11")
    call write_coordinate("x", nx, '{"units": "m", "axis": "X"}')
    call write_coordinate("y", ny, '{"units": "m", "axis": "Y"}')
    call record()
    call file%vtkhdf(cell_data=["temperature"], time="time", spacing=[spacing, spacing])
    call file%commit()
    ! [end of new]
    print "(2a)", name, " is new"
  end if

  rate = diffusivity * time_step / spacing**2
  do while (done < last)
    do j = 1, ny
      do i = 1, nx
        next(i, j) = field(i, j) + rate * (field(i - 1, j) + field(i + 1, j) + field(i, j - 1) + field(i, j + 1) - 4 * field(i, j))
      end do
    end do
    field(1:nx, 1:ny) = next(1:nx, 1:ny)
    done = done + 1
    if (mod(done, every) == 0 .or. done == steps) then
      ! [commit]
      ! One commit: a kill leaves all of the step or nothing.
      call record()
      call file%commit()
      ! [end of commit]
      print "(a, i4, a, f0.4, a)", "step ", done, ", middle ", field(nx / 2, ny / 2), " degrees"
    end if
  end do
  call file%close()

contains

  ! The middles of the cells along one axis.
  subroutine write_coordinate(axis, cells, attributes)
    character(*), intent(in) :: axis, attributes
    integer, intent(in) :: cells
    integer :: cell

    call file%write(axis, [((cell - 0.5_real64) * spacing, cell=1, cells)], attrs=attributes)
  end subroutine write_coordinate

  ! [record]
  ! What belongs to a step.
  subroutine record()
    character(*), parameter :: degrees = '{"units": "degC"}'

    call file%append("time", done * time_step, dims=["time"], attrs='{"units": "s"}')
    call file%append("temperature", field(1:nx, 1:ny), &
      & dims=[character(4) :: "x", "y", "time"], attrs=degrees)
    call file%append("middle", field(nx / 2, ny / 2), dims=["time"], attrs=degrees)
    call file%set_attr("/", "steps_done", int(done, int64))
  end subroutine record
  ! [end of record]

end program heat
