internal import Foundation
package import Processes

/// A command's output and exit.
package struct CommandOutput: Sendable {
    package let exit: ChildProcess.Exit
    package let standardOutput: String
    package let standardError: String
}

extension ServerProcess {
    /// Runs a command of the program on the server's data directory and database.
    package func run(_ arguments: [String]) async throws -> CommandOutput {
        try await output(of: arguments, executable: nil)
    }

    /// Runs a script for sh(1), with the environment of the program's commands.
    package func run(script: String) async throws -> CommandOutput {
        try await output(of: ["-ec", script], executable: "/bin/sh")
    }

    private func output(of arguments: [String], executable: String?) async throws -> CommandOutput {
        let name = "command-" + UUID().uuidString
        let (output, errors) = (name + ".out", name + ".err")
        let exit = try await spawn(
            arguments, executable: executable, output: output, errors: errors
        ).waitForExit()
        defer {
            for file in [output, errors] {
                try? FileManager.default.removeItem(atPath: "\(home.path)/\(file)")
            }
        }
        return CommandOutput(
            exit: exit, standardOutput: home.text(of: output), standardError: home.text(of: errors))
    }

    /// Runs a command that must succeed, with `--json`, and decodes its output.
    package func json<Output: Decodable>(
        _ type: Output.Type = Output.self, from arguments: [String]
    ) async throws -> Output {
        let output = try await run(arguments + ["--json"])
        guard output.exit == .code(0) else {
            throw TestFailure("\(arguments): \(output.exit)\n\(output.standardError)")
        }
        return try JSONDecoder().decode(type, from: Data(output.standardOutput.utf8))
    }

    /// `fleets add`.
    package func addFleet(_ id: String) async throws {
        _ = try await json([String: String].self, from: ["fleets", "add", id])
    }

    /// `partners add`.
    /// - Returns: the `whsec_` secret.
    package func addPartner(_ id: String, fleets: [String]) async throws -> String {
        let members = try await json(
            [String: String].self, from: ["partners", "add", id] + fleets.flatMap { ["--fleet", $0] })
        guard let secret = members["secret"] else { throw TestFailure("no secret in \(members.keys)") }
        return secret
    }

    /// `partners add`.
    /// - Returns: the partner's client.
    package func partner(_ id: String = "acme", of fleets: String...) async throws -> APIClient {
        APIClient(port: publicPort, secret: try await addPartner(id, fleets: fleets))
    }

    /// `tokens add`.
    /// - Parameter fleets: the fleets that it may see; all when it is empty.
    /// - Returns: the token.
    package func addToken(
        _ name: String, role: String = "viewer", fleets: [String] = []
    ) async throws -> String {
        let members = try await json(
            [String: String].self,
            from: ["tokens", "add", name, "--role", role] + fleets.flatMap { ["--fleet", $0] })
        guard let token = members["token"] else { throw TestFailure("no token in \(members.keys)") }
        return token
    }
}
