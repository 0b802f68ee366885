internal import ArgumentParser
internal import FleetSimulator
internal import HarborFleetServer
internal import Processes

/// The signing secret of `simulate`. A file or the environment can give it, since every user of the machine can
/// see a command line.
struct SecretOptions: ParsableArguments {
    @Option(
        help: """
            The partner's signing secret, whsec_BASE64. Every user of the machine can see it with ps: prefer \
            --secret-file, or HARBOR_SIMULATE_SECRET or HARBOR_SIMULATE_SECRET_FILE in the environment.
            """)
    var secret: String?

    @Option(help: ArgumentHelp("A file that holds the partner's signing secret.", valueName: "file"))
    var secretFile: String?

    /// The place of the secret.
    enum Source: Equatable {
        case value(String)
        case file(String)
    }

    /// Where the secret is. The options precede the environment; an empty variable counts as unset. Reads no
    /// file.
    /// - Throws: `ValidationError` when the secret is given twice or not at all.
    func source(environment: [String: String]) throws -> Source {
        let variable = SettingName.simulateSecretVariable
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        return try Self.one(secret, secretFile, "--secret and --secret-file")
            ?? Self.one(value(variable), value(variable + "_FILE"), "\(variable) and \(variable)_FILE")
            ?? {
                throw ValidationError(
                    "The signing secret is missing: give --secret-file, --secret, \(variable)_FILE or \(variable)."
                )
            }()
    }

    private static func one(_ secret: String?, _ file: String?, _ names: String) throws -> Source? {
        switch (secret, file) {
        case (nil, nil): nil
        case (let secret?, nil): .value(secret)
        case (nil, let file?): .file(file)
        case (_?, _?): throw ValidationError("\(names) contradict each other: give one of them.")
        }
    }
}

extension SecretOptions.Source {
    /// The secret; a file's trailing line end is removed.
    /// - Throws: `SimulatorError.unusableFile`.
    func read() async throws -> String {
        switch self {
        case .value(let secret): return secret
        case .file(let path):
            let text = try await NamedFile.read(path) { path throws(WholeFile.Failure) in
                try WholeFile.secret(at: path)
            }
            guard !text.isEmpty else { throw SimulatorError.unusableFile(path, reason: "is empty") }
            return text
        }
    }
}
