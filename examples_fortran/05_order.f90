! The order of axes: one dataset in Fortran's order, in the file's, and parts of it told in both ways.
program order
  use h5sim
  implicit none
  type(h5sim_file) :: file
  integer :: a(3, 4), part(2, 3), column(3), i, j

  a = reshape([((10 * i + j, i=1, 3), j=1, 4)], [3, 4])
  call file%open("order.hdf5", "w")
  call file%write("a", a)

  print "(a, 2(1x, i0))", "Fortran's shape, as f%shape gives it:", file%shape("a")
  print "(2a)", "the file's, as f%tree and h5py show it: ", file%tree()

  ! start, count and stride are in Fortran's order, from 1.
  call file%read("a", part, start=[1, 2], count=[2, 3])
  print "(a)", "start=[1, 2], count=[2, 3] is a(1:2, 2:4):"
  print "(3(1x, i0))", transpose(part)

  ! A slice is in the file's order, from 0, and its end is not in it.
  call file%read("a", part, slice="1:4, 0:2")
  print "(a)", 'slice="1:4, 0:2" is the same:'
  print "(3(1x, i0))", transpose(part)

  call file%read("a", column, start=[1, 4], count=[3, 1])
  print "(a, 3(1x, i0))", "start=[1, 4], count=[3, 1] is a(:, 4):", column
  call file%read("a", column, slice="-1")
  print "(a, 3(1x, i0))", 'slice="-1" is the same:', column
  call file%close()
end program order
