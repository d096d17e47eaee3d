// What a front end may call.  In a shared build of the core nothing else can be linked to.
#pragma once

#if defined(PDENGINE_SHARED)
#define PDENGINE_API __attribute__((visibility("default")))
#else
#define PDENGINE_API
#endif
