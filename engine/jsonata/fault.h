/* Why a function of JSONata failed, for its caller to make an error of. */
#ifndef ASL_JSONATA_FAULT_H
#define ASL_JSONATA_FAULT_H

/* Written where a call returns ASL_EVALUATION. Both texts are static. */
typedef struct asl_jsonata_fault {
    const char *code;    /* jsonata-js's: "D3030"; NULL where JavaScript itself throws */
    const char *message; /* what JavaScript says then; else NULL */
} asl_jsonata_fault;

#endif
