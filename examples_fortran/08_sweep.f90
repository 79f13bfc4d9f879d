! A sweep over parameters: each run is produced once, however often and by however many jobs at once this is started.
! The runs are those of examples_c/08_sweep.c: what one of the programs has begun the other goes on with.
program sweep
  use h5sim
  use, intrinsic :: iso_fortran_env, only: real64
  implicit none
  integer, parameter :: cells = 100, steps = 60
  real(real64), parameter :: k0(3) = [0.5_real64, 1.2_real64, 2.0_real64], dt(2) = [0.01_real64, 0.001_real64]
  integer :: i, j, failure

  do i = 1, size(k0)
    do j = 1, size(dt)
      call produce(k0(i), dt(j))
    end do
  end do
  call print_table()

contains

  subroutine produce(k0, dt)
    real(real64), intent(in) :: k0, dt
    type(h5sim_json) :: parameters
    type(h5sim_file) :: file
    character(:), allocatable :: path
    integer :: state

    call parameters%set("/model/k0", k0)
    call parameters%set("/integrator/dt", dt)
    state = H5SIM_RUN_ABSENT
    call h5sim_produce("runs", "rod_", parameters, path, state, suffix=".h5")
    if (.not. h5sim_is_claimed(path)) then
      if (state == H5SIM_RUN_FINISHED) print "(2a)", path, ": finished before"
      if (state /= H5SIM_RUN_FINISHED) print "(2a)", path, ": another job is at it"
    else
      if (state == H5SIM_RUN_ABSENT) then
        call file%open(path, "w")
        call file%write_json("meta", parameters)
        print "(2a)", path, ": new"
      else
        call file%open(path, "r+")
        print "(2a)", path, ": gone on with"
      end if
      call simulate(file, k0 * dt)
      call file%close()
      call h5sim_release(path)
    end if
    call parameters%free()
  end subroutine produce

  !> Heat along a rod whose left end is hot: goes on from the step after the last committed one.
  subroutine simulate(file, rate)
    type(h5sim_file), intent(in) :: file
    real(real64), intent(in) :: rate
    real(real64) :: rod(cells), next(cells)
    integer, allocatable :: extents(:)
    integer :: done

    rod = 0
    rod(1) = 1
    done = 0
    if (file%exists("rod")) then
      allocate (extents, source=file%shape("rod"))
      done = extents(2)
      call file%read("rod", rod, slice="-1")
    end if
    do done = done + 1, steps
      next = rod
      next(2:cells - 1) = rod(2:cells - 1) + rate * (rod(1:cells - 2) - 2 * rod(2:cells - 1) + rod(3:cells))
      rod = next
      call file%append("rod", rod)
    end do
    call file%finish()
  end subroutine simulate

  !> Prints the finished runs with k0 > 1 and dt <= 0.001.
  subroutine print_table()
    type(h5sim_json) :: runs
    character(:), allocatable :: path
    character(8) :: number
    real(real64) :: k0, dt

    call h5sim_find("runs", "model.k0 > 1 and integrator.dt <= 0.001 and run.status == 'finished'", runs, &
      & options='{"sort": ["model.k0", "integrator.dt"]}')
    print "(a6, a9, a)", "k0", "dt", "  file"
    i = 0
    do
      write (number, "(i0)") i
      call runs%get("/" // trim(number) // "/path", path, stat=failure)
      if (failure /= H5SIM_OK) exit
      call runs%get("/" // trim(number) // "/meta/model/k0", k0)
      call runs%get("/" // trim(number) // "/meta/integrator/dt", dt)
      print "(f6.2, f9.4, 2a)", k0, dt, "  ", path
      i = i + 1
    end do
    call runs%free()
  end subroutine print_table
end program sweep
