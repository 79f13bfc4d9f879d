! Case 1: write an array, and read a part of it. The array has h5py's shape (5, 4, 3): Fortran's first axis is its last.
program arrays
  use h5sim
  use, intrinsic :: iso_fortran_env, only: real64
  implicit none
  type(h5sim_file) :: file
  real(real64) :: data(3, 4, 5)
  real(real64), allocatable :: corner(:, :, :)

  call random_number(data)
  call file%open("my_data.hdf5", "w")
  call file%write("result_1", data)
  call file%close()

  call file%open("my_data.hdf5", "r")
  print "(2a)", "keys: ", file%keys()
  print "(a, 3(1x, i0))", "shape in Fortran:", file%shape("result_1")
  call file%read_allocate("result_1", corner, slice="[:2,...,:2]")
  print "(a, 3(1x, i0))", "shape of [:2,...,:2] in Fortran:", shape(corner)
  print "(a, f3.1)", "its largest difference from data(:2, :, :2): ", maxval(abs(corner - data(:2, :, :2)))
  call file%close()
end program arrays
