! 100,000 reads of one element of a dataset of 100 x 100 float64, through the Fortran module.
program element
  use h5sim
  use, intrinsic :: iso_fortran_env, only: int64, real64
  implicit none
  type(h5sim_file) :: file
  real(real64) :: numbers(100, 100), one, total
  integer(int64) :: start, finish, rate
  integer :: i

  call random_number(numbers)
  call file%open("x.h5", "w")
  call file%write("x", numbers)
  call file%close()

  call file%open("x.h5", "r")
  call execute_command_line("sleep 0.02")
  call system_clock(start, rate)
  total = 0
  do i = 0, 99999
    call file%read("x", one, start=[8, mod(i, 100) + 1], count=[1, 1])
    total = total + one
  end do
  call system_clock(finish)
  call file%close()
  if (total <= 0) error stop
  print "(a, es18.9)", "read ", real(finish - start, real64) / real(rate, real64)
end program element
