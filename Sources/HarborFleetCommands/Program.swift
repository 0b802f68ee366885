internal import ArgumentParser
internal import HarborFleetServer

/// Runs the program from its arguments to its exit status.
package enum Program {
    /// Runs the command that the arguments name.
    /// - Returns: 0 for success, 1 when the command failed, 2 for wrong usage.
    package static func run(_ arguments: [String]) async -> Int32 {
        LibpqVariables.unsetEmpty()
        do {
            var command = try await parse(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            let status = exitStatus(of: error)
            tell(error, status)
            return status
        }
    }

    /// - Throws: `UnknownCommand` when a command's name is wrong, else the parser's error.
    private static func parse(_ arguments: [String]) async throws -> any ParsableCommand {
        do {
            return try await RootCommand.asyncParseAsRoot(arguments)
        } catch {
            guard exitStatus(of: error) == 2, let unknown = UnknownCommand(in: arguments) else { throw error }
            throw unknown
        }
    }

    /// The parser's own status for wrong usage is 64 (sysexits.h); ours is 2.
    static func exitStatus(of error: any Error) -> Int32 {
        if error is UnknownCommand { return 2 }
        let code = RootCommand.exitCode(for: error)
        return code == .validationFailure ? 2 : code.rawValue
    }

    /// Prints the message: requested help goes to standard output, errors to standard error.
    private static func tell(_ error: any Error, _ status: Int32) {
        let message = RootCommand.fullMessage(for: error)
        guard !message.isEmpty else { return }
        if status == 0 {
            StandardStreams.writeOutput(message)
        } else {
            StandardStreams.writeError(message)
        }
    }
}
