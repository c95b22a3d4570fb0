// All layers.
#pragma once

#include <tapegrad/nn/dropout.h>
#include <tapegrad/nn/embedding.h>
#include <tapegrad/nn/initialisers.h>
#include <tapegrad/nn/linear.h>
#include <tapegrad/nn/mlp.h>
#include <tapegrad/nn/safetensors.h>
#include <tapegrad/nn/sequential.h>
