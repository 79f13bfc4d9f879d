/* What the programs of this work share: 5,000 datasets of 4×8, their names and what describes them. */
#ifndef BENCHES_LABELLED_H
#define BENCHES_LABELLED_H

enum { DATASETS = 5000, ROWS = 4, COLUMNS = 8 };
#define UNITS "m/s"
#define LONG_NAME "velocity"

#endif
