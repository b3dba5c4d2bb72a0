// Certificates for a test, made by the openssl program.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace usage::testing {

inline void Openssl(const std::filesystem::path& folder, const std::string& arguments) {
  std::string command =
      "cd '" + folder.string() + "' && openssl " + arguments + " >openssl.log 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

// NAME.key and NAME.crt, signed by ISSUER.key or by itself; `alternative_names` as "DNS:localhost".
inline void MakeCertificate(const std::filesystem::path& folder, const std::string& name,
                            const std::string& alternative_names, const std::string& issuer = "") {
  std::string signer = issuer.empty() ? "" : " -CA " + issuer + ".crt -CAkey " + issuer + ".key";
  Openssl(folder, "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout " +
                      name + ".key -out " + name + ".crt -subj /CN=" + name +
                      " -addext subjectAltName=" + alternative_names + signer);
}

}  // namespace usage::testing
