! Objects that are moved, copied, linked, resized and described; tests/python/objects_of_languages.py reads the files.
program objects
  use h5sim
  use, intrinsic :: iso_fortran_env, only: real64
  implicit none
  type(h5sim_file) :: file, other
  type(h5sim_json) :: about
  real(real64) :: u(3, 2) = reshape([1, 2, 3, 4, 5, 6], [3, 2])
  real(real64), allocatable :: back(:, :)
  character(:), allocatable, save :: axes(:)
  character(20) :: names(3)
  character(500) :: folder
  character(200) :: message
  integer :: status, chunk(2), i

  call get_command_argument(1, folder)
  call file%open(trim(folder) // "/fortran.h5", "w")
  call other%open(trim(folder) // "/fortran_other.h5", "w")
  call file%write("g/u", u, options=h5sim_options(chunks=[3, 1], maxshape=[3, -1], compression="gzip"))
  call file%set_attr("g/u", "unit", "m")
  call file%move("g/u", "state/u")
  call h5sim_copy(file, "state", "initial")
  call file%copy("state/u", "u", other)
  call file%copy("state", "shallow/state", without_attrs=.true.)
  call file%link("latest", "state/u")
  call file%link("kept", "initial/u", type="hard")
  call file%link("elsewhere", "u", file="fortran_other.h5")
  call file%resize("state/u", [3, 3])
  call file%read_allocate("latest", back)
  if (any(shape(back) /= [3, 3]) .or. any(back(:, 3) /= 0.0_real64) .or. any(back(:, :2) /= u)) error stop "the resized"
  call about%parse(file%layout("kept"))
  call about%get("/chunks", chunk)
  if (any(chunk /= [1, 3]) .or. about%get_text("/compression") /= "gzip") error stop "the layout"

  call file%move("nothing", "x", stat=status, errmsg=message)
  if (status /= H5SIM_ERR_NOT_FOUND .or. index(message, "'nothing'") == 0) error stop "nothing moved"
  call file%copy("state", "initial", stat=status, errmsg=message)
  if (status /= H5SIM_ERR_EXISTS .or. index(message, "'initial' exists") == 0) error stop "copied twice"
  call file%link("x", "nothing", type="hard", stat=status, errmsg=message)
  if (status /= H5SIM_ERR_NOT_FOUND) error stop "linked to nothing"
  call file%resize("state/u", [4, 3], stat=status, errmsg=message)
  if (status /= H5SIM_ERR_SHAPE .or. index(message, "[null, 3]") == 0) error stop "resized too far"
  if (len(file%layout("state", stat=status, errmsg=message)) /= 0) error stop "the layout of a group"
  if (status /= H5SIM_ERR_TYPE) error stop "no dataset"
  call file%write("status", "step 9")
  call file%write("status", "step 10", overwrite=.true.)
  call file%write("status", "again", stat=status, errmsg=message)
  if (status /= H5SIM_ERR_EXISTS) error stop "written over"
  call file%write_json("meta", about, overwrite=.true.)
  call file%write("species", [character(3) :: "H2", "OH", "H2O"], fixed=.false.)
  call file%set_attr("state", "axes", [character(6) :: "x", "longer"])
  call file%set_attr("state", "fixed", ["a", "b"], fixed=.true.)
  call file%get_attr("state", "axes", axes)
  if (size(axes) /= 2 .or. len(axes) /= 6 .or. axes(1) /= "x") error stop "the list"
  do i = 1, 3
    call file%append("log", "line " // char(48 + i))
  end do
  names = file%read_texts("log")
  if (names(1) /= "line 1" .or. names(3) /= "line 3") error stop "the log"
  if (file%mode() /= "r+" .or. index(file%filename(), "fortran.h5") == 0) error stop "the handle"
  if (about%length("/chunks") /= 2 .or. about%length() < 10) error stop "the lengths"
  if (.not. any(about%keys() == "layout") .or. size(about%keys()) /= about%length()) error stop "the names"
  i = about%length("/shuffle", stat=status, errmsg=message)
  if (status /= H5SIM_ERR_TYPE) error stop "no length"
  if (H5SIM_VERSION_MAJOR < 0 .or. index(h5sim_version(), char(48 + H5SIM_VERSION_MINOR)) == 0) error stop "the version"
  call about%free()
  call file%close()
  call file%open(trim(folder) // "/fortran.h5", "r+")
  call file%delete("state")
  call file%discard()
  call other%close()
  print '(a)', "all right"
end program objects
