/* Edits: a payload as what it changes in an earlier one.
 *
 * A state that sets one field of a large document makes a new root and shares the rest with the
 * document before. An edit says which places differ, as positions from the root down: what they
 * held is replaced, or, one behind the last, something is added. It is found by comparing pointers,
 * so what was not changed is not looked at. */
#ifndef ASL_HISTORY_RECORD_EDIT_H
#define ASL_HISTORY_RECORD_EDIT_H

#include "value/value.h"

#define ASL_EDIT_DEPTH_MAX 8u      /* positions on the way to a place */
#define ASL_EDIT_CHANGES_MAX 8u    /* places of one edit */
#define ASL_EDIT_CHILDREN_MAX 256u /* children of the containers that it goes through */

/* One place. Values are borrowed. */
typedef struct asl_edit_change {
    uint32_t path[ASL_EDIT_DEPTH_MAX];
    uint32_t depth;         /* positions in `path`, at least one */
    const asl_value *key;   /* of a member that is added; else NULL */
    const asl_value *value; /* what stands there then */
} asl_edit_change;

typedef struct asl_edit {
    asl_edit_change changes[ASL_EDIT_CHANGES_MAX];
    uint32_t count;
} asl_edit;

/* Whether `to` is `from` but for a few places whose values print in less than half of it. Where it
 * is, carrying out the changes in their order makes of anything that was read from the text of
 * `from` a value that prints as `to`. */
bool asl_edit_find(const asl_value *from, const asl_value *to, asl_edit *ret_edit);

/* Carries out a change; the root's other owners see nothing of it. ASL_OK, ASL_NOMEM,
 * ASL_STORE_CORRUPT (there is no such place, the way to it is too wide, or the value would be too
 * deep). */
int asl_edit_apply(asl_value **root, const asl_edit_change *change);

#endif
