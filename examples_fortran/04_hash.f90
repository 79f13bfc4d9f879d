! Case 4: a file named by its parameters, so that the same parameters always find it.
program hash
  use h5sim
  implicit none
  type(h5sim_file) :: file
  type(h5sim_json) :: meta
  character(:), allocatable :: name

  call meta%set("/model/k0", 1.2d0)
  call meta%set("/model/k1", 1.3d0)
  call meta%set("/model/tau", 0.01d0)
  call meta%set("/model/mass", 123.0d0)
  call meta%set("/integrator/dt", 0.001d0)
  call meta%set("/integrator/method", "rk4")
  call meta%set("/data/source_path", "path/to/data")
  call meta%set("/data/host", "bluecrab")
  print "(a)", h5sim_canonical_json(meta)

  name = h5sim_hash_name("data_", meta, suffix=".h5py")
  call file%open(name, "w")
  call file%write("meta", meta)
  call file%close()

  call file%open(name, "r")
  print "(a, l1)", "found by its parameters: ", file%read_json("meta") == meta%dump()
  call file%close()
  print "(a)", name
end program hash
