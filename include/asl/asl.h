/* <asl/asl.h> - the whole public interface of libaslengine. */
#ifndef ASL_ASL_H
#define ASL_ASL_H

#include <asl/definition.h>
#include <asl/engine.h>
#include <asl/error.h>
#include <asl/execution.h>
#include <asl/graph.h>
#include <asl/heap.h>
#include <asl/history.h>
#include <asl/jsonata.h>
#include <asl/limits.h>
#include <asl/queue.h>
#include <asl/store.h>
#include <asl/table.h>
#include <asl/task.h>
#include <asl/upkeep.h>
#include <asl/value.h>

#endif
