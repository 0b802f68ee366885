import HarborFleetTesting
import Testing

@testable import FleetSimulator

@Suite struct ProgressLineTests {
    @Test func progress_rewritesOneLine_onATerminalOnly() {
        var totals = SimulationTotals()
        totals.sent = 3
        let line = "sent 3, accepted 0, duplicates 0, rejected 0, errors 0"
        let terminal = EventRecorder<String>()
        let onTerminal = ProgressLine(isTerminal: true) { terminal.record($0) }
        onTerminal.show(totals)
        onTerminal.note("hello")
        onTerminal.finish(totals)
        #expect(terminal.events.joined() == "\r\u{1B}[K\(line)\r\u{1B}[Khello\n\(line)\n")
        let file = EventRecorder<String>()
        let inFile = ProgressLine(isTerminal: false) { file.record($0) }
        inFile.show(totals)
        inFile.show(totals)
        inFile.finish(totals)
        #expect(file.events.joined() == "\(line)\n\(line)\n")
    }
}
