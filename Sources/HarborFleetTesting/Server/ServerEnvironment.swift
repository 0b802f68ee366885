internal import Foundation

/// The environment of a server under test: this process's own without anything that configures a server, so that
/// a developer's shell changes no test.
struct ServerEnvironment {
    let home: ProcessHome
    let publicPort: UInt16
    let operationsPort: UInt16
    let databaseURL: String?

    var variables: [String: String] {
        var variables = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("HARBOR_") && !name.hasPrefix("DATABASE_") && !name.hasPrefix("PG")
        }
        variables["HARBOR_DATA_DIR"] = home.dataDirectory
        variables["HARBOR_HTTP_HOST"] = "127.0.0.1"
        variables["HARBOR_HTTP_PORT"] = "\(publicPort)"
        variables["HARBOR_OPS_PORT"] = "\(operationsPort)"
        variables["DATABASE_URL"] = databaseURL
        return variables
    }
}
