! Case 2: many datasets in a group.
program hierarchy
  use h5sim
  use, intrinsic :: iso_fortran_env, only: real64
  implicit none
  type(h5sim_file) :: file
  real(real64) :: data(2, 1000, 0:9)
  real(real64), allocatable :: first(:, :)
  character(20) :: path
  integer :: i

  call random_number(data)
  call file%open("richer_data.hdf5", "w")
  do i = 0, 9
    write(path, "(a, i0)") "timeseries/", i
    call file%write(path, data(:, :, i))
  end do
  call file%close()

  call file%open("richer_data.hdf5", "r")
  print "(*(a, 1x))", "in timeseries:", file%keys("timeseries")
  call file%read_allocate("timeseries/0", first)
  print "(a, f3.1)", "largest difference between timeseries/0 and what was written: ", maxval(abs(first - data(:, :, 0)))
  call file%close()
end program hierarchy
