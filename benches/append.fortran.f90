! 1,000,000 records of 8 float64, one after the other, through the Fortran module.
program append
  use h5sim
  use, intrinsic :: iso_fortran_env, only: int64, real64
  implicit none
  type(h5sim_file) :: file
  real(real64) :: numbers(8, 1024)
  integer(int64) :: start, finish, rate
  integer :: i

  call random_number(numbers)
  if (h5sim_hdf5_version() == "") error stop
  call system_clock(start, rate)
  call file%open("a.h5", "w")
  do i = 0, 999999
    call file%append("a", numbers(:, mod(i, 1024) + 1))
  end do
  call file%close()
  call system_clock(finish)
  print "(a, es18.9)", "append ", real(finish - start, real64) / real(rate, real64)
end program append
