#!/bin/bash
#SBATCH --job-name=heat
#SBATCH --time=01:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@60
# A run that is longer than a job: a minute before its time is over Slurm sends this script USR1, which puts the job back into
# the queue. Started again, it goes on after the last commit.
#
#     sbatch heat.sh ./07_heat heat.yaml

requeue() {
    scontrol requeue "$SLURM_JOB_ID"
    # Nothing is lost by it: the file holds the last commit.
    kill -KILL "$program" 2>/dev/null
    exit 0
}
trap requeue USR1

# In the background, since bash runs a trap between commands only.
"$@" &
program=$!
wait "$program"
