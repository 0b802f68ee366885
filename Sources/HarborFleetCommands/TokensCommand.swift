internal import ArgumentParser
internal import FleetAccess
internal import HarborFleet
internal import HarborFleetStorage

/// `harbor-fleet tokens …`.
struct TokensCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "Add, list and revoke the tokens that let operators read.",
        subcommands: [Add.self, List.self, Revoke.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a token and print it, this once.",
            discussion:
                "The role admin reads what viewer reads, and no more yet: it is for the web app to come.")

        @Argument(help: "A name to know it by, at most 64 characters.")
        var name: String

        @Option(help: "What it may do: viewer, or admin, which does the same until the web app needs it.")
        var role: Role

        @Option(help: "A fleet that it may see; repeat it for more. All fleets when none is named.")
        var fleet: [FleetID] = []

        @Option(help: "After how many days it ends; never when it is left out.")
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
            "note: the role admin reads as viewer does, and no more, until the web app needs it"

        private func token(createdAt: Timestamp) -> Token {
            Token(
                name: name, role: role, scope: fleet.isEmpty ? .all : .fleets(Set(fleet)),
                createdAt: createdAt,
                expiresAt: expiresDays.map { createdAt.advanced(by: .seconds($0 * 86_400)) })
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tokens, the revoked ones too.")

        /// A token's text is never shown again.
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
