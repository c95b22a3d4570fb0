// All optimizers.
#pragma once

#include <tapegrad/optim/adagrad.h>
#include <tapegrad/optim/adam.h>
#include <tapegrad/optim/clip.h>
#include <tapegrad/optim/optimizer.h>
#include <tapegrad/optim/sgd.h>
