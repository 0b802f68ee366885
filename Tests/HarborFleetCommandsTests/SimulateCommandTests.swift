import ArgumentParser
import FleetSimulator
import HarborFleetTesting
import Testing

@testable import HarborFleetCommands

@Suite(.timeLimit(.minutes(1))) struct SimulateCommandTests {
    private static let whole = ["--url", "http://127.0.0.1:8080", "--fleet", "demo"]
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let needed = whole + ["--secret", secret]

    @Test(arguments: [
        [], ["--vehicles", "1000", "--interval-s", "0.5", "--duration-s", "3", "--json"],
        ["--gpx", "x.gpx", "--vehicle", "car-1"],
        [
            "--gpx", "x.gpx", "--vehicle", "car-1", "--speed", "10", "--end", "2026-11-20T17:00:00+01:00",
            "--assume-interval-s", "5", "--max-gap-s", "60", "--strict",
        ],
    ])
    func rightUsage_isAccepted(_ arguments: [String]) throws {
        _ = try SimulateCommand.parse(Self.needed + arguments)
    }

    @Test(arguments: [
        ["--vehicles", "0"], ["--vehicles", "100001"], ["--interval-s", "0"], ["--interval-s", "nan"],
        ["--duration-s", "-1"], ["--gpx", "x.gpx"], ["--vehicle", "car-1"], ["--speed", "2"], ["--bogus"],
        ["--gpx", "x.gpx", "--vehicle", "../x"], ["--gpx", "x.gpx", "--vehicle", "v", "--speed", "0"],
        ["--gpx", "x.gpx", "--vehicle", "v", "--end", "yesterday"],
        ["--gpx", "x.gpx", "--vehicle", "v", "--assume-interval-s", "0"],
        ["--gpx", "x.gpx", "--vehicle", "v", "--max-gap-s", "0"], ["--max-gap-s", "60"], ["--strict"],
        ["--gpx", "x.gpx", "--vehicle", "v", "--vehicles", "2"], ["--fleet", "/"], ["--url", "ftp://x"],
        ["--secret", "x"],
    ])
    func wrongUsage_isRefused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try SimulateCommand.parse(Self.needed + arguments) }
    }

    @Test func secretFile_isNotReadBeforeItIsNeeded() throws {
        _ = try SimulateCommand.parse(Self.whole + ["--secret-file", "/nowhere"])
        for wrong in [[], ["--secret-file", "x", "--secret", Self.secret]] {
            #expect(throws: (any Error).self) { try SimulateCommand.parse(Self.whole + wrong) }
        }
    }

    @Test func option_hidesTheEnvironment_andAnEmptyVariableIsUnset() throws {
        let variable = "HARBOR_SIMULATE_SECRET"
        let none = try SecretOptions.parse([])
        #expect(try none.source(environment: [variable: "a"]) == .value("a"))
        #expect(try none.source(environment: [variable + "_FILE": "/a", variable: ""]) == .file("/a"))
        let both = [variable: "a", variable + "_FILE": "/a"]
        for environment in [[:], [variable: ""], both] {
            #expect(throws: (any Error).self) { try none.source(environment: environment) }
        }
        #expect(try SecretOptions.parse(["--secret", "b"]).source(environment: both) == .value("b"))
        #expect(try SecretOptions.parse(["--secret-file", "b"]).source(environment: both) == .file("b"))
    }

    @Test func secretFile_isRead_withAndWithoutALineEnd() async throws {
        let directory = try TemporaryDirectory()
        for content in [Self.secret, Self.secret + "\n", Self.secret + "\r\n"] {
            let source = SecretOptions.Source.file(try directory.write(content, to: "secret"))
            #expect(try await source.read() == Self.secret)
        }
        let empty = try directory.write("\n", to: "empty")
        await #expect(throws: SimulatorError.unusableFile(empty, reason: "is empty")) {
            try await SecretOptions.Source.file(empty).read()
        }
    }

    @Test(arguments: [
        ("/nowhere", "cannot be read: No such file or directory"), ("/", "cannot be read: Is a directory"),
    ])
    func file_isRefusedWithTheReason_whenItCannotBeRead(
        _ path: String, _ reason: String
    ) async throws {
        let error = SimulatorError.unusableFile(path, reason: reason)
        await #expect(throws: error) { try await SecretOptions.Source.file(path).read() }
        let replay = try ReplayOptions.parse(["--gpx", path, "--vehicle", "car-1"])
        await #expect(throws: error) { try await replay.recording() }
    }

    @Test(arguments: [true, false])
    func cutFile_isRefused_whenStrictIsSet(_ isStrict: Bool) async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            "<gpx><trkpt lat=\"1\" lon=\"1\"><time>2026-06-01T10:00:00Z</time></trkpt>", to: "a.gpx")
        let replay = try ReplayOptions.parse(
            ["--gpx", path, "--vehicle", "v"] + (isStrict ? ["--strict"] : []))
        guard isStrict else {
            let recording = try #require(try await replay.recording())
            #expect(
                recording.notes == [
                    "replaying 1 point",
                    "the file is cut off in <gpx> on line 1; the points before that are sent",
                ])
            return
        }
        let reason = "it is cut off in <gpx> on line 1, and --strict refuses that"
        await #expect(throws: SimulatorError.unusableRecording(reason)) { try await replay.recording() }
    }
}
