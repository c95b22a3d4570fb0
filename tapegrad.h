// All of tapegrad that a program needs to define, differentiate and train models.
#pragma once

#include <tapegrad/graph/differentiate.h>
#include <tapegrad/graph/error.h>
#include <tapegrad/graph/gradcheck.h>
#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/nn.h>
#include <tapegrad/ops/operations.h>
#include <tapegrad/optim/optim.h>
