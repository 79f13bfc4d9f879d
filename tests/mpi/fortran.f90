! Blocks from Fortran, by the modules mpi and mpi_f08: fortran FOLDER.
program fortran
  use mpi_f08
  use h5sim
  use h5sim_mpi
  use, intrinsic :: iso_fortran_env, only: error_unit, real64
  implicit none
  type(h5sim_file) :: f, g
  type(MPI_Comm) :: copy
  character(1000) :: folder, message
  real(real64), allocatable :: u(:, :), back(:, :)
  integer :: rank, ranks, status, from, i, j, step
  integer, parameter :: NX = 5, NY = 12

  ! Before MPI is there.
  call h5sim_open_comm(f, "early.h5", "w", MPI_COMM_WORLD, stat=status, errmsg=message)
  call check(status == H5SIM_ERR_IO .and. index(message, "cannot reach the other ranks") > 0, trim(message))
  call MPI_Init()
  call MPI_Comm_rank(MPI_COMM_WORLD, rank)
  call MPI_Comm_size(MPI_COMM_WORLD, ranks)
  call get_command_argument(1, folder)

  ! The columns of this rank, inside ghost cells.
  from = NY * rank / ranks
  allocate(u(0:NX + 1, 0:NY * (rank + 1) / ranks - from + 1))
  u = -1
  do j = 1, ubound(u, 2) - 1
    do i = 1, NX
      u(i, j) = value_at(i, from + j)
    end do
  end do
  call h5sim_open_comm(f, trim(folder) // "/fortran.h5", "w", MPI_COMM_WORLD)
  call f%write_block("u", u(1:NX, 1:ubound(u, 2) - 1), global=[NX, NY], start=[1, from + 1], &
    & options=h5sim_options(chunks=[5, 3], compression="gzip"))
  do step = 1, 3
    call f%append_block("s", u(1:NX, 1:ubound(u, 2) - 1), global=[NX, NY], start=[1, from + 1])
    call f%append("time", real(step, real64))
    call f%commit()
  end do

  ! Two files at once, the other by the integer that the module mpi has.
  call h5sim_open_comm(g, trim(folder) // "/integer.h5", "w", MPI_COMM_WORLD%MPI_VAL)
  call g%write_block("u", u(1:NX, 1:ubound(u, 2) - 1), global=[NX, NY], start=[1, from + 1])
  call g%close()

  call f%close()

  ! Read by a duplicate that goes before the file does.
  call MPI_Comm_dup(MPI_COMM_WORLD, copy)
  call h5sim_open_comm(f, trim(folder) // "/fortran.h5", "r", copy)
  call MPI_Comm_free(copy)
  allocate(back(NX, NY))
  call f%read_block("u", back, start=[1, 1])
  do j = 1, NY
    do i = 1, NX
      call check(same(back(i, j), value_at(i, j)), "u")
    end do
  end do
  call check(all(f%shape("s") == [NX, NY, 3]), "the shape of a series")
  call f%close()

  ! Open at the end: MPI_Finalize closes it.
  call h5sim_open_comm(g, trim(folder) // "/open.h5", "w", MPI_COMM_WORLD)
  call g%write_block("u", u(1:NX, 1:ubound(u, 2) - 1), global=[NX, NY], start=[1, from + 1])
  call MPI_Finalize()
  call check(.not. g%is_open(), "closed by MPI_Finalize")

contains

  pure function value_at(i, j) result(value)
    integer, intent(in) :: i, j
    real(real64) :: value

    value = 100 * i + j
  end function value_at

  pure function same(a, b)
    real(real64), intent(in) :: a, b
    logical :: same

    same = abs(a - b) <= 0
  end function same

  subroutine check(right, what)
    logical, intent(in) :: right
    character(*), intent(in) :: what

    if (right) return
    write(error_unit, "(a, i0, 2a)") "rank ", rank, ": wrong: ", what
    error stop 1
  end subroutine check

end program fortran
