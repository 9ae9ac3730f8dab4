/* Raising faults: each call fills the fault and returns ASL_EVALUATION, or ASL_NOMEM. */
#ifndef ASL_JSONATA_PICTURE_FAULT_H
#define ASL_JSONATA_PICTURE_FAULT_H

#include "jsonata/pictures.h"
#include "jsonata/utf16.h"

/* What jsonata-js does without end. */
#define ASL_FAULT_ENDLESS "U1001"

int asl_fault_raise(asl_picture_fault *fault, const char *code);
int asl_fault_raise_text(asl_picture_fault *fault, const char *code, asl_utf16 value);
int asl_fault_raise_number(asl_picture_fault *fault, const char *code, double value);
/* What the JavaScript engine throws. */
int asl_fault_throw(asl_picture_fault *fault, const char *message);
/* The status of a buffer of units as one of the call: past its limit the engine throws. */
int asl_fault_of(asl_picture_fault *fault, int status);

#endif
