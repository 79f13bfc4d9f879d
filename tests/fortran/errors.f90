! Failures: each gives its status and its sentence through stat= and errmsg=, and leaves the outputs as they were.
! `errors FILE` runs them all; `errors FILE stop` makes one without stat=; `errors FILE end` ends with the file open.
program errors
  use h5sim
  use, intrinsic :: iso_fortran_env, only: error_unit, int32, int64, real64
  implicit none
  type(h5sim_file) :: f, g
  type(h5sim_json) :: document
  character(500) :: path, how
  character(300) :: message
  character(:), allocatable :: text
  real(real64) :: a(3, 4), wrong(4, 3), row(3), scalar, many(2, 1, 1, 1, 1, 1, 1, 2)
  real(real64), allocatable :: many_allocatable(:, :, :, :, :, :, :, :)
  real(real64), allocatable :: cube(:, :, :), column(:), matrix(:, :)
  integer(int32) :: number
  integer :: numbers(2), status, dtype
  logical :: there
  integer :: made = 0

  call get_command_argument(1, path)
  call get_command_argument(2, how)
  a = 1
  many = 1
  call expect_success(.not. f%is_open())
  call f%open(path, "w")
  call expect_success(f%is_open())
  call f%write("a", a)
  call f%write("note", "not an array")
  call f%set_attr("a", "scale", [1, 2, 3])
  if (how == "stop") then
    print "(a)", "before"
    call f%write("a", a)
    print "(a)", "after"
  else if (how == "end") then
    stop
  else if (how == "committed") then
    call f%commit()
    call f%write("b", a)
    stop
  end if

  call g%open("no_such_file.hdf5", stat=status, errmsg=message)
  call expect(H5SIM_ERR_NOT_FOUND, "no_such_file.hdf5")
  call g%open(path, "q", stat=status, errmsg=message)
  call expect(H5SIM_ERR_ARGUMENT, "q")
  call f%open(path, "r", stat=status, errmsg=message)
  call expect(H5SIM_ERR_ARGUMENT, "close that first")
  call g%close(stat=status, errmsg=message)
  call expect(H5SIM_ERR_HANDLE, "file")
  call f%write("a", a, stat=status, errmsg=message)
  call expect(H5SIM_ERR_EXISTS, "a")
  call f%write("b", a, options='{"compresion": 1}', stat=status, errmsg=message)
  call expect(H5SIM_ERR_ARGUMENT, "compresion")
  there = f%exists("b", stat=status, errmsg=message)
  call expect_success(.not. there)

  wrong = 7
  call f%read("a", wrong, stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, trim(path) // ": 'a' has the shape (3, 4) in Fortran's order, but the array is (4, 3)")
  call expect_success(all(abs(wrong - 7) <= 0))
  call f%read("a", row, stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "has the shape (3, 4) in Fortran's order, but the array is (3)")
  call f%read("a", scalar, stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "but the array is ()")
  call f%read("a", row, slice="4", stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "4")
  call f%read("a", row, slice="..., 0", stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "the slice '..., 0' of 'a'")
  call f%read("a", row, slice="0", start=[1, 1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_ARGUMENT, "either by slice, or by start")
  call f%read("a", row, count=[1, 1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_ARGUMENT, "either by slice, or by start")
  call f%read("a", wrong, start=[1, 1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "axis 1 has 3 elements, but start, count and stride ask for the one at 4")
  call f%read("a", row, start=[1, 1], count=[1, 2], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "count is (1, 2), but the array is (3)")
  call f%read("a", row, start=[1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "its shape is (3, 4), but start is (1)")
  call f%read("a", a, start=[0, 1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "start is (0, 1), but must be at least 1")
  call f%read("a", a, start=[1, 1], stride=[0, 1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "stride is (0, 1), but must be at least 1")
  call f%read("a", a, start=[1, 1], count=[-1, 1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "count is (-1, 1), but must be at least 0")
  call f%read_allocate("a", cube, stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "the array is of rank 3, but what is to be read has the shape (3, 4)")
  call f%read_allocate("note", matrix, stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "rank 2")
  call expect_success(.not. allocated(cube) .and. .not. allocated(matrix))
  call f%write("texts", [character(2) :: "ab", "cd", "ef"])
  allocate(column(2))
  column = 7
  call f%read_allocate("texts", column, slice="9", stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "9")
  call expect_success(all(abs(column - 7) <= 0))
  call f%read_allocate("texts", column, stat=status, errmsg=message)
  call expect(H5SIM_ERR_TYPE, "texts")
  call expect_success(.not. allocated(column))
  call f%read("a", row, start=reshape([1, 1], [1, 2]), stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "start is ()")
  call f%write("a", wrong, slice=":", stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "has the shape (3, 4) in Fortran's order, but the array is (4, 3)")
  call f%write("a", row, slice="0", options="{}", stat=status, errmsg=message)
  call expect(H5SIM_ERR_ARGUMENT, "options")
  call f%write("many axes", many, stat=status, errmsg=message)
  call expect(H5SIM_ERR_UNSUPPORTED, trim(path) // ": 'many axes': the array has more than the 7 axes that this module takes")
  call f%read_allocate("a", many_allocatable, stat=status, errmsg=message)
  call expect(H5SIM_ERR_UNSUPPORTED, "'a': the array has more than the 7 axes")
  call expect_success(.not. allocated(many_allocatable))
  call expect_success(.not. f%exists("many axes"))
  call f%append_records("series", 1._real64, stat=status, errmsg=message)
  call expect(H5SIM_ERR_ARGUMENT, "append takes a scalar")
  call f%append("series", row)
  call f%append("series", row(:2), stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "series")
  call f%append("series", row, options='{"records": 2}', stat=status, errmsg=message)
  call expect(H5SIM_ERR_ARGUMENT, "append_records")
  call f%append_records("other series", a, options='{"chunk": 2}', stat=status, errmsg=message)
  call expect(H5SIM_ERR_ARGUMENT, "chunk")
  call f%append_records("series", a, options="{", stat=status, errmsg=message)
  call expect_failure()
  call f%write_block("block", a, global=[3, 8], start=[1, 6], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, trim(path) // ": 'block': the block from (1, 6) on with the shape (3, 4) leaves the whole array, &
    &whose shape is (3, 8), in Fortran's order")
  call f%write_block("block", a, global=[3, 8], start=[0, 1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "start is (0, 1), but must be at least 1")
  call f%append_block("block", a, global=[-3, 8], start=[1, 1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "global is (-3, 8), but must be at least 0")
  call f%append_block("block", a, global=[3], start=[1, 1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "the array has the shape (3, 4), but global is (3)")
  call f%write_block("block", a, global=[3, 8], start=[1., 1.], stat=status, errmsg=message)
  call expect(H5SIM_ERR_ARGUMENT, "start is not of integers")
  call f%read_block("a", wrong, start=[1, 1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "'a': the block from (1, 1) on with the shape (4, 3) is not inside the dataset, whose &
    &shape is (3, 4)")
  call expect_success(all(abs(wrong - 7) <= 0) .and. .not. f%exists("block"))
  call f%read_block("a", a, start=[integer ::], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "the array has the shape (3, 4), but start is ()")
  call f%write_block("a", a, global=[3, 5], start=[1, 1], stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "(5, 3)")
  if (.not. h5sim_has_feature("mpi")) then
    call g%open_mpi("of_many_ranks.h5", "w", 0, stat=status, errmsg=message)
    call expect(H5SIM_ERR_UNSUPPORTED, "make mpi")
    call expect_success(g%handle == 0)
  end if
  call f%read("note", scalar, stat=status, errmsg=message)
  call expect(H5SIM_ERR_TYPE, "note")
  text = "as before"
  call f%read("a", text, stat=status, errmsg=message)
  call expect(H5SIM_ERR_TYPE, "a")
  call expect_success(text == "as before")
  text = f%read_text("b", stat=status, errmsg=message)
  call expect(H5SIM_ERR_NOT_FOUND, "b")
  call expect_success(len(text) == 0)
  call f%info("b", dtype, stat=status, errmsg=message)
  call expect(H5SIM_ERR_NOT_FOUND, "b")
  call f%write_text("nul", "a" // char(0) // "b", stat=status, errmsg=message)
  call expect(H5SIM_ERR_ARGUMENT, "NUL")
  call f%get_attr("a", "scale", numbers, stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "has the shape (3) in Fortran's order, but the array is (2)")
  call f%get_attr("a", "unit", text, stat=status, errmsg=message)
  call expect(H5SIM_ERR_NOT_FOUND, "unit")
  call f%write_json("meta", "{", stat=status, errmsg=message)
  call expect(H5SIM_ERR_JSON, "")

  call document%parse("[1", stat=status, errmsg=message)
  call expect(H5SIM_ERR_JSON, "")
  call document%parse('{"big": 3000000000, "list": [1, 2, 3]}')
  number = 5
  call document%get("/big", number, stat=status, errmsg=message)
  call expect(H5SIM_ERR_TYPE, "3000000000, which a 32-bit integer cannot hold")
  call document%get("/none", number, stat=status, errmsg=message)
  call expect(H5SIM_ERR_NOT_FOUND, "none")
  call expect_success(number == 5)
  call document%get("/list", numbers, stat=status, errmsg=message)
  call expect(H5SIM_ERR_SHAPE, "has more than the 2 elements")
  call document%get("/big", numbers, stat=status, errmsg=message)
  call expect_failure()
  call document%parse_yaml_file("no_such_file.yaml", stat=status, errmsg=message)
  call expect(H5SIM_ERR_IO, "no_such_file.yaml")
  text = h5sim_hash_name("x", "{", stat=status, errmsg=message)
  call expect(H5SIM_ERR_JSON, "")

  ! A sentence is cut to fit, and stat= alone is enough.
  call f%read("b", scalar, stat=status, errmsg=message(:6))
  call f%read("b", scalar, stat=status)
  call expect_failure()
  call f%close(stat=status, errmsg=message)
  call expect_success(status == 0)
  print "(i0, a)", made, " failures"

contains

  subroutine expect(wanted, words)
    integer, intent(in) :: wanted
    character(*), intent(in) :: words

    made = made + 1
    if (status == wanted .and. index(message, words) > 0) return
    write(error_unit, "(5a)") "failure ", h5sim_status_name(status), ": ", trim(message), " <> " // words
    error stop 1
  end subroutine expect

  subroutine expect_failure()
    made = made + 1
    if (status < 0) return
    write(error_unit, "(a, i0)") "no failure after ", made
    error stop 1
  end subroutine expect_failure

  subroutine expect_success(right)
    logical, intent(in) :: right

    if (right) return
    write(error_unit, "(a, i0)") "not as it should be after failure ", made
    error stop 1
  end subroutine expect_success

end program errors
