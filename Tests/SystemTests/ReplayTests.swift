import Foundation
import HarborFleetTesting
import Testing

/// `simulate --gpx` against a real server, with files as GPS recorders write them.
@Suite(.timeLimit(.minutes(2))) struct ReplayTests {
    /// What `simulate --json` prints.
    private struct Totals: Decodable, Equatable {
        var accepted: Int
        var rejected: Int
        var leftOut: Int

        private enum CodingKeys: String, CodingKey {
            case accepted, rejected
            case leftOut = "left_out"
        }
    }

    /// One point per line, the first on line 2, without the end of the file.
    private static func text(_ times: [String]) -> String {
        let points = times.enumerated().map { index, time in
            "<trkpt lat=\"53.54\(index)\" lon=\"9,98\"><time>\(time)</time></trkpt>\n"
        }
        return "<gpx><trk><trkseg>\n" + points.joined()
    }

    private static let seconds = (0..<8).map { "2026-06-01T10:00:0\($0)+0000" }
    private static let ending = "</trkseg></trk></gpx>"

    @Test(arguments: [
        (0, "1999-08-22T10:00:00Z"), (3, "2038-01-19T03:14:07Z"), (7, "2038-01-19T03:14:07Z"),
        (7, "2026-10-20T10:00:00Z"),
    ])
    func pointWithAWrongDate_isLeftOut_andNotWaitedFor(_ index: Int, _ date: String) async throws {
        var times = Self.seconds
        times[index] = date
        let output = try await ReplayBench().replay(Self.text(times) + Self.ending)
        #expect(output.exit == .code(0), "\(output.standardError)")
        #expect(try Self.totals(output) == Totals(accepted: 7, rejected: 0, leftOut: 1))
        let reason =
            "left out 1 point whose time does not fit the points around it: line \(index + 2) (\(date))"
        #expect(output.standardError.contains(reason))
    }

    @Test func fileThatIsCutOff_isSentUpToTheCut_orRefusedWithStrict() async throws {
        let bench = try await ReplayBench()
        let cut = Self.text(Self.seconds) + "<trkpt lat=\"53.55\" lon=\"9.98\"><time>2026"
        let strict = try await bench.replay(cut, ["--strict"])
        #expect(strict.exit == .code(1) && strict.standardError.contains("cut off in <time> on line 10"))
        let output = try await bench.replay(cut)
        #expect(output.exit == .code(0) && output.standardError.contains("cut off in <time> on line 10"))
        #expect(try Self.totals(output) == Totals(accepted: 8, rejected: 0, leftOut: 0))
    }

    /// The eight old minutes alone would take 42 s at that speed.
    @Test func pointsBeyondTheRetention_areRejectedByTheServer_andTheGapIsNotWaitedFor() async throws {
        let old = (0..<8).map { "2020-06-01T10:0\($0):00Z" }
        let bench = try await ReplayBench()
        let start = ContinuousClock.now
        let output = try await bench.replay(Self.text(old + Self.seconds) + Self.ending)
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(output.exit == .code(1))
        #expect(try Self.totals(output) == Totals(accepted: 8, rejected: 8, leftOut: 0))
        for sentence in [
            "not waiting for gaps longer than --max-gap-s: 2190 d 23 h before line 10",
            "rejected line 2 (2020-06-01T10:00:00Z, sent as ",
            "recorded_at: must not be older than the retention",
        ] {
            #expect(output.standardError.contains(sentence), "\(sentence)")
        }
    }

    private static func totals(_ output: CommandOutput) throws -> Totals {
        try JSONDecoder().decode(Totals.self, from: Data(output.standardOutput.utf8))
    }
}

/// A server with a fleet. Recordings are replayed to it at ten times their speed.
private struct ReplayBench {
    private let server: ServerProcess
    private let secret: String

    init() async throws {
        server = try await ServerProcess()
        try await server.start()
        try await server.addFleet("north")
        secret = try await server.addPartner("acme", fleets: ["north"])
    }

    func replay(_ text: String, _ options: [String] = []) async throws -> CommandOutput {
        let path = server.home.path + "/recording.gpx"
        try Data(text.utf8).write(to: URL(filePath: path))
        return try await server.run(
            [
                "simulate", "--url", "http://127.0.0.1:\(server.publicPort)", "--fleet", "north",
                "--secret", secret, "--gpx", path, "--vehicle", "car-1", "--speed", "10", "--json",
            ] + options)
    }
}
