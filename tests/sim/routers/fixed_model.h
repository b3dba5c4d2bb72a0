// A router on which time stands still.
#pragma once

#include "sim/routers/router_model.h"

namespace usage::sim {

class FixedModel : public RouterModel {
 public:
  explicit FixedModel(bool with_sessions = true) {
    state_.identity = "Old Mill";
    state_.version = "7.16.2 (stable)";
    state_.board = "CCR2004";
    state_.uptime = std::chrono::seconds(788645);  // 1w2d03:04:05
    state_.cpu_load = 0.07;
    state_.free_memory = 805306368;
    state_.total_memory = 1073741824;
    state_.uplinks = {{"ether1", true, 9000, 700, 0, 0, 2, 0, 1}};
    if (!with_sessions) return;
    state_.sessions = {
        {Access::kHotspot,
         "ABCD-2222",
         0xD4CA6D000001,
         "100.64.0.1",
         "90a1",
         std::chrono::seconds(257),
         {1000, 20000},
         10,
         20},
        {Access::kPppoe,
         "ann@north",
         0xD4CA6D000002,
         "100.64.0.2",
         "80a2",
         std::chrono::seconds(4973),
         {3000, 40000},
         30,
         40},
        {Access::kPppoe,
         "ben@north",
         0xD4CA6D000003,
         "100.64.0.3",
         "80a3",
         std::chrono::seconds(0),
         {5000, 60000},
         50,
         60},
    };
  }

  ModelState Now() const override { return state_; }

 private:
  ModelState state_;
};

}  // namespace usage::sim
