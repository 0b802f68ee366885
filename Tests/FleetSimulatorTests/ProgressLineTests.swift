import Testing

@testable import FleetSimulator

@Suite struct ProgressLineTests {
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
