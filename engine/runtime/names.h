/* AWS's rules for the names of machines and executions. */
#ifndef ASL_RUNTIME_NAMES_H
#define ASL_RUNTIME_NAMES_H

#include <stddef.h>

/* Why a name is refused, as the end of a sentence ("is longer than 80 characters"); NULL where it
 * is fine. Static. */
const char *asl_name_problem(const char *name);

#endif
