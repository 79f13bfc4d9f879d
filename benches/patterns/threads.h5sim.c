/* Two files by two threads. */
#include "threads.h"

int main(void)
{
    return measure(2);
}
