internal import ArgumentParser
internal import HarborFleetServer

/// A word in the place of a command's name that is no command. The parser would call it an unexpected argument,
/// which does not say what to type; this error does.
struct UnknownCommand: Error, Equatable, CustomStringConvertible {
    let word: String
    /// The path of the command before the word.
    let group: String
    let commands: [String]

    /// Follows the arguments as far as they name commands.
    /// - Returns: nil when the first one that does not is an option, or when all of them do.
    init?(in arguments: [String], of root: any ParsableCommand.Type = RootCommand.self) {
        var command = root
        var path = [root._commandName]
        for argument in arguments {
            let choices = command.configuration.subcommands
            guard !choices.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return nil }
            guard let next = choices.first(where: { $0.isNamed(argument) }) else {
                word = argument
                group = path.joined(separator: " ")
                commands = choices.map { $0._commandName }
                return
            }
            command = next
            path.append(argument)
        }
        return nil
    }

    var description: String {
        let meant = NearestWord.nearest(to: word, among: commands)
        let hint =
            meant.map { "Did you mean '\($0)'?" } ?? "Its commands: \(commands.joined(separator: ", "))."
        return "'\(word)' is no command of \(group). \(hint)\n  See '\(group) --help' for more information."
    }
}

extension ParsableCommand {
    fileprivate static func isNamed(_ word: String) -> Bool {
        _commandName == word || configuration.aliases.contains(word)
    }
}
