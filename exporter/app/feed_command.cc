#include "app/feed_command.h"

#include <ostream>

#include "config/config_file.h"
#include "sources/postgres/feed_ddl.h"

namespace usage {

int PrintFeedDdl(const FeedFlags& flags, std::ostream& out, std::ostream& err) {
  const Expected<Config> config = LoadConfig(flags.config_file);
  if (!config) {
    err << config.error() << "\n";
    return 1;
  }
  for (const SourceConfig& source : config->sources) {
    out << (flags.drop ? FeedDropDdl(source) : FeedDdl(source));
    if (!flags.drop && !source.notify) {
      err << "source " << source.name << " does not listen yet: write 'notify: true' there\n";
    }
  }
  return 0;
}

}  // namespace usage
