! h5sim from the ranks of an MPI communicator, in Fortran 2008: compile it with your own MPI, of which the library knows nothing,
! behind h5sim.f90:
!
!     mpifort -c h5sim.f90 h5sim_mpi.f90
!
! Where an MPI has no module mpi_f08, take out the lines that end in !f08.

!> Files of many ranks:
!>
!>     use mpi_f08                                      ! or mpi
!>     use h5sim
!>     use h5sim_mpi
!>     type(h5sim_file) :: f
!>
!>     call MPI_Init()
!>     call h5sim_open_comm(f, "run.h5", "w", MPI_COMM_WORLD)
!>     call f%write_block("u", u(1:nx, 1:ny), global=[gx, gy], start=[ox + 1, oy + 1])
!>     call f%close()                                   ! as any other file
!>     call MPI_Finalize()
!>
!> It hands the library an allgather of a duplicate of the communicator, so that the library's messages and the program's never
!> meet. The duplicates are kept with the communicator: a file that is opened after another one was closed takes its. They go
!> when the communicator is freed, those of open files when MPI_Finalize is called, which closes the files first.
module h5sim_mpi
  use, intrinsic :: iso_c_binding, only: c_associated, c_f_pointer, c_funloc, c_funptr, c_int32_t, c_int64_t, c_int8_t, c_loc, &
    & c_null_ptr, c_ptr
  use mpi
  use mpi_f08, only: communicator_f08 => MPI_Comm !f08
  use h5sim, only: h5sim_file
  use h5sim_c, only: c_close => h5sim_close, c_is_open => h5sim_is_open
  implicit none
  private
  public :: h5sim_open_comm, h5sim_mpi_allgather

  !> Open or create one file from all ranks of a communicator, an integer or a type(MPI_Comm): see h5sim_open_ranks in h5sim.h for
  !> what a file of many ranks is, and for mode and options.
  interface h5sim_open_comm
    module procedure open_comm
    module procedure open_comm_f08 !f08
  end interface h5sim_open_comm

  !> The most bytes of each rank that one call of MPI moves, which counts in default integers.
  integer(c_int64_t), parameter :: MOST = 2_c_int64_t**30

  !> A duplicate of a communicator, and the file that uses it or was the latest to.
  type :: duplicate
    integer :: comm = 0
    integer(c_int64_t) :: file = 0
    type(duplicate), pointer :: next => null()
  end type duplicate

  !> All duplicates of one communicator, whose attribute their number is.
  type :: duplicates
    integer(MPI_ADDRESS_KIND) :: number = 0
    type(duplicate), pointer :: first => null()
    type(duplicates), pointer :: next => null()
  end type duplicates

  !> Those of all communicators, the latest first.
  type(duplicates), pointer, save :: everybodys => null()
  integer(MPI_ADDRESS_KIND), save :: latest_number = 0
  integer, save :: key_of_comm = MPI_KEYVAL_INVALID, key_of_self = MPI_KEYVAL_INVALID

contains

  subroutine open_comm_f08(f, path, mode, comm, options, stat, errmsg) !f08
    class(h5sim_file), intent(inout) :: f !f08
    character(*), intent(in) :: path, mode !f08
    type(communicator_f08), intent(in) :: comm !f08
    character(*), intent(in), optional :: options !f08
    integer, intent(out), optional :: stat !f08
    character(*), intent(inout), optional :: errmsg !f08

    call open_comm(f, path, mode, comm%MPI_VAL, options, stat, errmsg) !f08
  end subroutine open_comm_f08 !f08

  subroutine open_comm(f, path, mode, comm, options, stat, errmsg)
    class(h5sim_file), intent(inout) :: f
    character(*), intent(in) :: path, mode
    integer, intent(in) :: comm
    character(*), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(duplicate), pointer :: own
    type(c_ptr) :: context
    type(c_funptr) :: operation
    integer(c_int64_t) :: before
    integer :: rank, ranks, status
    logical :: is_ready, is_over

    own => null()
    ! Without a communicator the library says that it cannot reach the other ranks.
    context = c_null_ptr
    rank = -1
    ranks = 0
    is_over = .false.
    call MPI_Initialized(is_ready, status)
    if (is_ready) call MPI_Finalized(is_over, status)
    if (is_ready .and. .not. is_over .and. comm /= MPI_COMM_NULL) call find_duplicate(comm, own)
    if (associated(own)) then
      call MPI_Comm_rank(own%comm, rank, status)
      call MPI_Comm_size(own%comm, ranks, status)
      context = c_loc(own%comm)
    end if
    before = f%handle
    operation = c_funloc(h5sim_mpi_allgather)
    call f%open_ranks(path, mode, rank, ranks, operation, context, options, stat, errmsg)
    if (associated(own) .and. f%handle /= before) own%file = f%handle
  end subroutine open_comm

  !> The operation by which ranks talk; the context is a duplicate. Gives 0, or what MPI has given.
  function h5sim_mpi_allgather(context, mine, bytes, all) result(given) bind(c)
    type(c_ptr), value :: context, mine, all
    integer(c_int64_t), value :: bytes
    integer(c_int32_t) :: given
    integer, pointer :: comm
    integer(c_int8_t), pointer :: from(:), to(:)
    integer(c_int64_t) :: done
    integer :: ranks, now, status, freed, piece, part
    logical :: is_over

    given = int(MPI_ERR_COMM, c_int32_t)
    if (.not. c_associated(context)) return
    call MPI_Finalized(is_over, status)
    if (is_over) return
    call c_f_pointer(context, comm)
    call MPI_Comm_size(comm, ranks, status)
    if (status /= MPI_SUCCESS) return
    call c_f_pointer(mine, from, [bytes])
    call c_f_pointer(all, to, [bytes * ranks])
    if (bytes <= MOST) then
      call MPI_Allgather(from, int(bytes), MPI_BYTE, to, int(bytes), MPI_BYTE, comm, status)
      given = int(status, c_int32_t)
      return
    end if
    done = 0
    do while (done < bytes .and. status == MPI_SUCCESS)
      now = int(min(bytes - done, MOST))
      ! What it is a part of is as long as what each rank gives.
      call MPI_Type_contiguous(now, MPI_BYTE, piece, status)
      if (status /= MPI_SUCCESS) exit
      call MPI_Type_create_resized(piece, 0_MPI_ADDRESS_KIND, int(bytes, MPI_ADDRESS_KIND), part, status)
      if (status == MPI_SUCCESS) then
        call MPI_Type_commit(part, status)
        if (status == MPI_SUCCESS) &
          & call MPI_Allgather(from(done + 1:done + now), now, MPI_BYTE, to(done + 1:), 1, part, comm, status)
        call MPI_Type_free(part, freed)
      end if
      call MPI_Type_free(piece, freed)
      done = done + now
    end do
    given = int(status, c_int32_t)
  end function h5sim_mpi_allgather

  !> Give a duplicate of the communicator that no open file uses, a new one if need be; none where MPI or the memory refuses it.
  !> A call of all ranks.
  subroutine find_duplicate(comm, own)
    integer, intent(in) :: comm
    type(duplicate), pointer, intent(out) :: own
    type(duplicates), pointer :: of_comm
    integer(MPI_ADDRESS_KIND) :: number
    integer :: status, is_mine, is_everybodys
    logical :: is_known

    own => null()
    of_comm => null()
    number = 0
    if (key_of_comm == MPI_KEYVAL_INVALID) then
      call MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, at_free, key_of_comm, 0_MPI_ADDRESS_KIND, status)
      if (status /= MPI_SUCCESS) return
    end if
    call MPI_Comm_get_attr(comm, key_of_comm, number, is_known, status)
    if (status /= MPI_SUCCESS) return
    if (is_known) then
      of_comm => duplicates_with(number)
      own => of_comm%first
      do while (associated(own))
        if (c_is_open(own%file) == 0) return
        own => own%next
      end do
    else
      allocate(of_comm, stat=status)
    end if
    if (associated(of_comm)) allocate(own, stat=status)
    ! Where one rank cannot go on, none does.
    is_mine = merge(1, 0, associated(own))
    call MPI_Allreduce(is_mine, is_everybodys, 1, MPI_INTEGER, MPI_MIN, comm, status)
    if (status == MPI_SUCCESS .and. is_everybodys == 1) then
      call MPI_Comm_dup(comm, own%comm, status)
      if (status == MPI_SUCCESS) then
        call MPI_Comm_set_errhandler(own%comm, MPI_ERRORS_RETURN, status)
        own%next => of_comm%first
        of_comm%first => own
        if (.not. is_known) call keep(comm, of_comm)
        return
      end if
    end if
    if (associated(own)) deallocate(own)
    if (associated(of_comm) .and. .not. is_known) deallocate(of_comm)
  end subroutine find_duplicate

  !> Make the duplicates an attribute of their communicator, and see to it that what is open is closed at the end.
  subroutine keep(comm, of_comm)
    integer, intent(in) :: comm
    type(duplicates), pointer, intent(in) :: of_comm
    integer :: status

    if (key_of_self == MPI_KEYVAL_INVALID) then
      call MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, at_finalize, key_of_self, 0_MPI_ADDRESS_KIND, status)
      if (status == MPI_SUCCESS) call MPI_Comm_set_attr(MPI_COMM_SELF, key_of_self, 0_MPI_ADDRESS_KIND, status)
    end if
    latest_number = latest_number + 1
    of_comm%number = latest_number
    of_comm%next => everybodys
    everybodys => of_comm
    call MPI_Comm_set_attr(comm, key_of_comm, of_comm%number, status)
  end subroutine keep

  function duplicates_with(number) result(found)
    integer(MPI_ADDRESS_KIND), intent(in) :: number
    type(duplicates), pointer :: found

    found => everybodys
    do while (associated(found))
      if (found%number == number) return
      found => found%next
    end do
  end function duplicates_with

  !> Free the duplicates of a communicator that no open file uses.
  subroutine free_unused(of_comm)
    type(duplicates), intent(inout) :: of_comm
    type(duplicate), pointer :: at, next, kept
    integer :: status

    kept => null()
    at => of_comm%first
    do while (associated(at))
      next => at%next
      if (c_is_open(at%file) == 1) then
        at%next => kept
        kept => at
      else
        call MPI_Comm_free(at%comm, status)
        deallocate(at)
      end if
      at => next
    end do
    of_comm%first => kept
  end subroutine free_unused

  !> When a communicator is freed. The duplicates of files that are open stay until MPI_Finalize.
  subroutine at_free(comm, keyval, attribute, extra, status)
    integer :: comm, keyval, status
    integer(MPI_ADDRESS_KIND) :: attribute, extra
    type(duplicates), pointer :: of_comm

    status = MPI_SUCCESS
    of_comm => duplicates_with(attribute)
    if (associated(of_comm)) call free_unused(of_comm)
    ! An empty list of duplicates is so small that it may stay.
    if (.false.) comm = keyval + int(extra)
  end subroutine at_free

  !> When MPI_Finalize is called, which does this first of all: files that are open are closed while their ranks can still talk.
  subroutine at_finalize(comm, keyval, attribute, extra, status)
    integer :: comm, keyval, status
    integer(MPI_ADDRESS_KIND) :: attribute, extra
    type(duplicates), pointer :: of_comm
    type(duplicate), pointer :: at
    integer(c_int32_t) :: ignored

    status = MPI_SUCCESS
    of_comm => everybodys
    do while (associated(of_comm))
      at => of_comm%first
      do while (associated(at))
        if (c_is_open(at%file) == 1) ignored = c_close(at%file)
        at => at%next
      end do
      call free_unused(of_comm)
      of_comm => of_comm%next
    end do
    if (.false.) comm = keyval + int(extra) + int(attribute)
  end subroutine at_finalize

end module h5sim_mpi
