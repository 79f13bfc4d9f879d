! A run that goes back to an earlier time, and on from there with another step.
program rewound
  use h5sim
  use, intrinsic :: iso_fortran_env, only: real64
  implicit none
  type(h5sim_file) :: file
  real(real64) :: time
  integer :: step

  call file%open("rewound.h5", "w")
  do step = 0, 10
    call record(real(step, real64))
  end do
  call file%close()

  ! [rewind]
  call file%open("rewound.h5", "r+")
  call file%rewind("time", 6.5_real64)        ! all series along time, in one commit
  call file%read("time", time, slice="-1")    ! 6: the latest record that is left
  ! [end of rewind]
  do step = 1, 4
    call record(time + 0.25_real64 * step)
  end do
  print "(a, i0, a, i0, a)", "back to ", int(time), ", then on to ", file%shape("energy"), " records"
  call file%close()

contains

  subroutine record(time)
    real(real64), intent(in) :: time

    call file%append("time", time, dims=["time"])
    call file%append("energy", 10 - time, dims=["time"])
    call file%commit()
  end subroutine record

end program rewound
