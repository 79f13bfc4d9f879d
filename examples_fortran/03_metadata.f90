! Case 3: the parameters of a run, as JSON, as YAML or member by member, beside its data.
program metadata
  use h5sim
  use, intrinsic :: iso_fortran_env, only: real64
  implicit none
  type(h5sim_file) :: file
  type(h5sim_json) :: meta, found
  real(real64) :: series(2, 1000) = 0, time_step
  character(20) :: path
  integer :: i

  call meta%parse_yaml("model: {k0: 1.2, k1: 1.3, tau: 0.01, mass: 123.0}" // new_line("a") // &
    & "integrator: {dt: 0.001, method: rk4}" // new_line("a"))
  call meta%set("/data/source_path", "path/to/data")
  call meta%set("/data/host", "bluecrab")

  call file%open("richer_data.hdf5", "w")
  do i = 0, 9
    write(path, "(a, i0)") "timeseries/", i
    series(2, 1000) = i
    call file%write(path, series)
  end do
  call file%write("meta", meta)
  call file%close()

  call file%open("richer_data.hdf5", "r")
  call file%read("meta", found)
  write(*, "(a)", advance="no") found%dump_yaml()
  call found%get("/integrator/dt", time_step)
  print "(a, f6.4)", "time step: ", time_step
  call file%read("timeseries/8", series)
  print "(a, f3.1)", "the last value of timeseries/8: ", series(2, 1000)
  call file%close()
end program metadata
