#include "CMimalloc.h"
