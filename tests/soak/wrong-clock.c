/**
 * A computer whose clock is wrong, for a browser: preloaded, it adds to the wall clock what a file says (milliseconds, read anew every quarter of a second). Page, workers and the
 * browser itself live in that time, and nothing of the shipped app knows of it. Clocks that only measure spans go on as they are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_gettimeofday)(struct timeval *, void *);

static long long ahead_ms(void)
{
	static long long ahead, next_look_ms;
	struct timespec up;
	if (!real_clock_gettime)
		real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	real_clock_gettime(CLOCK_MONOTONIC, &up);
	long long up_ms = up.tv_sec * 1000LL + up.tv_nsec / 1000000;
	if (up_ms < next_look_ms)
		return ahead;
	next_look_ms = up_ms + 250;
	const char *path = getenv("HOLDFAST_SOAK_CLOCK");
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (file < 0)
		return ahead;
	char text[32];
	ssize_t length = read(file, text, sizeof text - 1);
	close(file);
	if (length > 0) {
		text[length] = 0;
		ahead = atoll(text);
	}
	return ahead;
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
	long long ahead = clock == CLOCK_REALTIME ? ahead_ms() : 0;
	if (!real_clock_gettime)
		real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	int failed = real_clock_gettime(clock, at);
	if (!failed)
		at->tv_sec += ahead / 1000;
	return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
	if (!real_gettimeofday)
		real_gettimeofday = dlsym(RTLD_NEXT, "gettimeofday");
	int failed = real_gettimeofday(at, zone);
	if (!failed && at)
		at->tv_sec += ahead_ms() / 1000;
	return failed;
}
