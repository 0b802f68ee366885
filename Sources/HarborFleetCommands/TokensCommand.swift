internal import ArgumentParser
internal import FleetAccess
internal import HarborFleet
internal import HarborFleetStorage

/// `harbor-fleet tokens …`.
struct TokensCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "Add, list and revoke readers' tokens.",
        subcommands: [Add.self, List.self, Revoke.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a token and print it, which is shown only once.",
            discussion:
                "The role admin may read the same as viewer, and nothing more yet.")

        @Argument(help: "A name that identifies the token, at most 64 characters.")
        var name: String

        @Option(help: "The token's role: viewer, or admin, which has the same rights for now.")
        var role: Role

        @Option(help: "A fleet that it may see; repeat the option for more. (default: all fleets)")
        var fleet: [FleetID] = []

        @Option(help: "The days after which the token expires. (default: never)")
        var expiresDays: Int?

        @OptionGroup var options: AdminOptions

        func validate() throws {
            guard (1...64).contains(name.count), !name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
            else {
                throw ValidationError("NAME must be 1 to 64 printable characters.")
            }
            if let expiresDays, !(1...36_500).contains(expiresDays) {
                throw ValidationError("--expires-days must be from 1 to 36500.")
            }
        }

        func run() async throws {
            let text = Credentials.makeToken()
            let token = token(createdAt: SystemWallClock().now())
            try await options.open("token '\(name)'", adds: true) { stores in
                try await stores.tokens.add(token, hash: Credentials.hash(text))
            }
            if role == .admin { StandardStreams.writeError(Self.adminNote) }
            try options.output.write(CommandOutput(text: text, ["name": .text(name), "token": .text(text)]))
        }

        private static let adminNote =
            "note: the role admin may read the same as viewer, and nothing more yet"

        private func token(createdAt: Timestamp) -> Token {
            Token(
                name: name, role: role, scope: fleet.isEmpty ? .all : .fleets(Set(fleet)),
                createdAt: createdAt,
                expiresAt: expiresDays.map { createdAt.advanced(by: .seconds($0 * 86_400)) })
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tokens, including revoked ones.")

        /// Without the token's text: it is shown only once, when it is made.
        static let columns: [Column<Token>] = [
            Column("NAME", "name") { .text($0.name) }, Column("ROLE", "role") { .text($0.role.rawValue) },
            Column("FLEETS", "fleets", missing: "(all)") { token in
                switch token.scope {
                case .all: nil
                case .fleets(let ids): .list(ids.map(\.rawValue).sorted())
                }
            },
            Column("CREATED", "created_at") { .time($0.createdAt) },
            Column("EXPIRES", "expires_at") { $0.expiresAt.map(OutputValue.time) },
            Column("REVOKED", "revoked_at") { $0.revokedAt.map(OutputValue.time) },
        ]

        @OptionGroup var options: AdminOptions

        func run() async throws {
            try await options.list(Self.columns) { try await $0.tokens.tokens().sorted { $0.name < $1.name } }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a token and its sessions.")

        @Argument(help: "The token's name.")
        var name: String

        @OptionGroup var options: AdminOptions

        func run() async throws {
            try await options.change("revoked", "token '\(name)'", ["name": .text(name)]) { stores in
                try await stores.tokens.revoke(name: name)
            }
        }
    }
}
