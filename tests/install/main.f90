! The same in Fortran.
program main
  use h5sim
  use, intrinsic :: iso_fortran_env, only: real64
  implicit none
  type(h5sim_file) :: file
  real(real64) :: a(3, 2), back(3)
  character(500) :: path
  integer :: i

  call get_command_argument(1, path)
  a = reshape([(i, i=1, 6)], [3, 2])
  call file%open(path, "w")
  call file%write("a", a)
  call file%read("a", back, slice="1")
  call file%close()
  print "(2a, 3(1x, i0))", h5sim_version(), ":", nint(back)
end program main
