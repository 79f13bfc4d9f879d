! The simulation of 07_heat.f90 on many ranks: each has a tile of the plate, with a layer of ghost cells that its neighbours fill.
!
!     mpiexec -n 4 09_heat_mpi heat.yaml          run to the end, or go on with a run that was stopped
!     mpiexec -n 6 09_heat_mpi heat.yaml 2000     stop after step 2000, as a job whose time is over
!
! The file is named by the hash of the parameters, its content is that of 07_heat.f90 bit for bit, and a run that was stopped
! goes on with any number of ranks, also if the program in C began it.
program heat_mpi
  use mpi_f08
  use h5sim
  use h5sim_mpi
  use, intrinsic :: iso_fortran_env, only: int64, real64
  implicit none
  type(h5sim_file) :: file
  type(h5sim_json) :: parameters
  type(MPI_Comm) :: ranks
  type(MPI_Datatype) :: row
  real(real64), allocatable :: field(:, :), next(:, :)
  real(real64) :: spacing, diffusivity, cold, hot, time_step, rate, degrees
  integer :: plate(2), tile(2), start(2), along(2), place(2), rank, left, right, below, above
  integer :: steps, every, last, done, i, j
  integer(int64), allocatable :: extents(:)
  character(:), allocatable :: name
  character(100) :: argument

  call MPI_Init()
  argument = "heat.yaml"
  if (command_argument_count() > 0) call get_command_argument(1, argument)
  call parameters%parse_yaml_file(argument)
  call parameters%get("/grid/nx", plate(1))
  call parameters%get("/grid/ny", plate(2))
  call parameters%get("/grid/spacing", spacing)
  call parameters%get("/plate/diffusivity", diffusivity)
  call parameters%get("/plate/cold", cold)
  call parameters%get("/plate/hot", hot)
  call parameters%get("/run/steps", steps)
  call parameters%get("/run/snapshot_every", every)
  call parameters%get("/run/time_step", time_step)
  last = steps
  if (command_argument_count() > 1) then
    call get_command_argument(2, argument)
    read(argument, *) last
  end if

  ! This rank's tile: it begins behind cell start of the plate.
  call MPI_Comm_size(MPI_COMM_WORLD, rank)
  along = 0
  call MPI_Dims_create(rank, 2, along)
  call MPI_Cart_create(MPI_COMM_WORLD, 2, along, [.false., .false.], .false., ranks)
  call MPI_Comm_rank(ranks, rank)
  call MPI_Cart_coords(ranks, rank, 2, place)
  call MPI_Cart_shift(ranks, 0, 1, left, right)
  call MPI_Cart_shift(ranks, 1, 1, below, above)
  start = plate * place / along
  tile = plate * (place + 1) / along - start
  call MPI_Type_vector(tile(2), 1, tile(1) + 2, MPI_DOUBLE_PRECISION, row)
  call MPI_Type_commit(row)

  allocate(field(0:tile(1) + 1, 0:tile(2) + 1), source=cold)
  if (start(1) == 0) field(0, :) = hot
  allocate(next, source=field)
  done = 0
  name = h5sim_hash_name("heat_", parameters, suffix=".h5")
  ! [open]
  call h5sim_open_comm(file, name, "a", ranks)
  ! [end of open]
  if (file%exists("meta")) then
    call file%get_attr("/", "steps_done", done)
    if (done == steps) then
      if (rank == 0) print "(2a)", name, " is finished: nothing to do"
    else
      if (rank == 0) print "(2a, i0)", name, " goes on after step ", done
      ! The last record, of which this rank reads its tile, whichever ranks wrote it.
      extents = file%shape("temperature")
      call read_tile(field(1:tile(1), 1:tile(2)), extents(3))
    end if
  else
    ! What is no block is written with equal arguments on all ranks.
    call file%write("meta", parameters)
    call file%set_attr("/", "Conventions", "CF-1.11")
    call write_coordinate("x", plate(1), '{"units": "m", "axis": "X"}')
    call write_coordinate("y", plate(2), '{"units": "m", "axis": "Y"}')
    call record()
    call file%commit()
    if (rank == 0) print "(2a)", name, " is new"
  end if

  rate = diffusivity * time_step / spacing**2
  do while (done < last)
    call exchange()
    do j = 1, tile(2)
      do i = 1, tile(1)
        next(i, j) = field(i, j) + rate * (field(i - 1, j) + field(i + 1, j) + field(i, j - 1) + field(i, j + 1) - 4 * field(i, j))
      end do
    end do
    field(1:tile(1), 1:tile(2)) = next(1:tile(1), 1:tile(2))
    done = done + 1
    if (mod(done, every) == 0 .or. done == steps) then
      ! [commit]
      ! One commit of all ranks: a kill leaves all of the step or nothing.
      call record()
      call file%commit()
      ! [end of commit]
      if (rank == 0) print "(a, i4, a, f0.4, a)", "step ", done, ", middle ", degrees, " degrees"
    end if
  end do
  call file%close()
  call MPI_Comm_free(ranks)
  call MPI_Finalize()

contains

  ! Fills the ghost cells from the neighbours; those at the plate's edges, which has none, hold its temperature.
  subroutine exchange()
    integer :: n

    n = tile(1)
    call MPI_Sendrecv(field(1, tile(2)), n, MPI_DOUBLE_PRECISION, above, 0, &
      & field(1, 0), n, MPI_DOUBLE_PRECISION, below, 0, ranks, MPI_STATUS_IGNORE)
    call MPI_Sendrecv(field(1, 1), n, MPI_DOUBLE_PRECISION, below, 1, &
      & field(1, tile(2) + 1), n, MPI_DOUBLE_PRECISION, above, 1, ranks, MPI_STATUS_IGNORE)
    call MPI_Sendrecv(field(tile(1), 1), 1, row, right, 2, field(0, 1), 1, row, left, 2, ranks, MPI_STATUS_IGNORE)
    call MPI_Sendrecv(field(1, 1), 1, row, left, 3, field(tile(1) + 1, 1), 1, row, right, 3, ranks, MPI_STATUS_IGNORE)
  end subroutine exchange

  ! [resume]
  subroutine read_tile(inside, records)
    real(real64), intent(inout), target :: inside(:, :)
    integer(int64), intent(in) :: records
    real(real64) :: found(size(inside, 1), size(inside, 2), 1)

    call file%read_block("temperature", found, start=[start + 1, int(records)])
    inside = found(:, :, 1)
  end subroutine read_tile
  ! [end of resume]

  ! The middles of the cells along one axis.
  subroutine write_coordinate(axis, cells, attributes)
    character(*), intent(in) :: axis, attributes
    integer, intent(in) :: cells
    integer :: cell

    call file%write(axis, [((cell - 0.5_real64) * spacing, cell=1, cells)], attrs=attributes)
  end subroutine write_coordinate

  ! What belongs to a step.
  subroutine record()
    character(*), parameter :: in_degrees = '{"units": "degC"}'
    integer :: at(2)
    real(real64) :: own

    ! One rank has the middle of the plate.
    at = plate / 2 - start
    own = 0
    if (all(at >= 1 .and. at <= tile)) own = field(at(1), at(2))
    call MPI_Allreduce(own, degrees, 1, MPI_DOUBLE_PRECISION, MPI_SUM, ranks)
    ! [record]
    call file%append("time", done * time_step, dims=["time"], attrs='{"units": "s"}')
    call file%append_block("temperature", field(1:tile(1), 1:tile(2)), global=plate, start=start + 1, &
      & dims=[character(4) :: "x", "y", "time"], attrs=in_degrees)
    call file%append("middle", degrees, dims=["time"], attrs=in_degrees)
    call file%set_attr("/", "steps_done", int(done, int64))
    ! [end of record]
  end subroutine record

end program heat_mpi
