/* Two files by one thread. */
#include "threads.h"

int main(void)
{
    return measure(1);
}
