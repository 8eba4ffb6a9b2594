#pragma once

/* Names the calling thread, as `top -H` and debuggers show it: glibc's function for it needs _GNU_SOURCE. */
void daifa_name_thread(const char *name);
