import ArgumentParser
import Testing

@testable import HarborFleetServer

@Suite struct SimulateCommandTests {
    private static let needed = [
        "--url", "http://127.0.0.1:8080", "--fleet", "demo", "--secret",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ]

    @Test(arguments: [
        [], ["--vehicles", "1000", "--interval-s", "0.5", "--duration-s", "3", "--json"],
        ["--gpx", "x.gpx", "--vehicle", "car-1"],
        [
            "--gpx", "x.gpx", "--vehicle", "car-1", "--speed", "10", "--end", "2026-11-20T17:00:00+01:00",
            "--assume-interval-s", "5",
        ],
    ])
    func `right usage is understood`(_ arguments: [String]) throws {
        _ = try SimulateCommand.parse(Self.needed + arguments)
    }

    @Test(arguments: [
        ["--vehicles", "0"], ["--vehicles", "100001"], ["--interval-s", "0"], ["--interval-s", "nan"],
        ["--duration-s", "-1"], ["--gpx", "x.gpx"], ["--vehicle", "car-1"], ["--speed", "2"], ["--bogus"],
        ["--gpx", "x.gpx", "--vehicle", "../x"], ["--gpx", "x.gpx", "--vehicle", "v", "--speed", "0"],
        ["--gpx", "x.gpx", "--vehicle", "v", "--end", "yesterday"],
        ["--gpx", "x.gpx", "--vehicle", "v", "--assume-interval-s", "0"],
        ["--gpx", "x.gpx", "--vehicle", "v", "--vehicles", "2"], ["--fleet", "/"], ["--url", "ftp://x"],
        ["--secret", "x"],
    ])
    func `wrong usage is refused`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try SimulateCommand.parse(Self.needed + arguments) }
    }

    @Test func `progress is one line written anew on a terminal, and lines elsewhere`() {
        var totals = SimulationTotals()
        totals.sent = 3
        let line = "sent 3, accepted 0, duplicates 0, rejected 0, errors 0"
        let terminal = WrittenText()
        let onTerminal = ProgressLine(isTerminal: true) { terminal.append($0) }
        onTerminal.show(totals)
        onTerminal.note("hello")
        onTerminal.finish(totals)
        #expect(terminal.text == "\r\u{1B}[K\(line)\r\u{1B}[Khello\n\(line)\n")
        let file = WrittenText()
        let inFile = ProgressLine(isTerminal: false) { file.append($0) }
        inFile.show(totals)
        inFile.show(totals)
        inFile.finish(totals)
        #expect(file.text == "\(line)\n\(line)\n")
    }
}
