import Glibc
import Logging
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(1))) struct LogWriterTests {
    /// A pipe whose read end belongs to the test.
    struct Pipe {
        let readEnd: CInt
        let writeEnd: CInt

        init() throws {
            var ends: [CInt] = [0, 0]
            // The array owns the two descriptors' memory for the call.
            try #require(unsafe pipe(&ends) == 0)
            (readEnd, writeEnd) = (ends[0], ends[1])
        }

        /// Reads until the text meets a condition. Returns false when the write end closes before.
        func readUntil(_ condition: (String) -> Bool) -> Bool {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while !condition(String(decoding: bytes, as: UTF8.self)) {
                // The array owns the memory for the call.
                let count = unsafe read(readEnd, &buffer, buffer.count)
                guard count > 0 else { return false }
                bytes += buffer[..<count]
            }
            return true
        }

        /// All lines in the pipe after a flush. The read does not wait for the end of the file, because a process that
        /// another test starts may have inherited the write end.
        func lines() -> [String] {
            close(writeEnd)
            _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                // The array owns the memory for the call.
                let count = unsafe read(readEnd, &buffer, buffer.count)
                guard count > 0 else { break }
                bytes += buffer[..<count]
            }
            close(readEnd)
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    @Test func records_areWholeLines_fromManyThreads() async throws {
        let pipe = try Pipe()
        let writer = LogWriter(format: .json, descriptor: pipe.writeEnd)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    var logger = Logger(label: "t\(task)") { StructuredLogHandler(label: $0, writer: writer) }
                    logger[metadataKey: "task"] = "\(task)"
                    for record in 0..<50 { logger.info("record \(record)", metadata: ["token": "t"]) }
                }
            }
        }
        writer.flush()
        let lines = pipe.lines()
        #expect(lines.count == 200)
        #expect(lines.allSatisfy { $0.hasPrefix(#"{"time":""#) && $0.hasSuffix(#""token":"[redacted]"}"#) })
        #expect(writer.dropped == 0)
    }

    @Test func metadataOfARecord_comesFirst_andLevelsAreKept() throws {
        let pipe = try Pipe()
        let writer = LogWriter(format: .json, descriptor: pipe.writeEnd)
        let provider = Logger.MetadataProvider { ["a": "provider", "b": "provider"] }
        var logger = Logger(label: "l") {
            StructuredLogHandler(label: $0, writer: writer, level: .notice, metadataProvider: provider)
        }
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.info("hidden")
        logger.notice("shown", metadata: ["b": "record"])
        writer.flush()
        let lines = pipe.lines()
        #expect(lines.count == 1)
        #expect(lines.first?.hasSuffix(#""a":"provider","b":"record","c":"logger"}"#) == true)
    }

    @Test func longLine_arrivesWhole() throws {
        let pipe = try Pipe()
        let writer = LogWriter(format: .json, descriptor: pipe.writeEnd)
        let long = String(repeating: "x", count: 20_000)
        Logger(label: "l") { StructuredLogHandler(label: $0, writer: writer) }.info("\(long)")
        writer.flush()
        #expect(pipe.lines().first?.contains("\"\(long)\"") == true)
    }

    @Test func fullBuffer_refusesTheNewest_andReportsItOnce() throws {
        var state = LogBufferState(capacityBytes: 5)
        let starts = [state.offered([1, 2, 3]), state.offered([4, 5]), state.offered([6])]
        #expect(starts == [true, false, false])
        #expect(state.dropped == 1)
        let firstLines = state.nextLines()
        let first = try #require(firstLines)
        #expect(first.lines == [[1, 2, 3], [4, 5]] && first.newlyDropped == 1)
        let isDone = state.nextLines() == nil
        #expect(isDone)
        let startsAgain = state.offered([7])
        #expect(startsAgain)
        let secondLines = state.nextLines()
        let second = try #require(secondLines)
        #expect(second.lines == [[7]] && second.newlyDropped == 0)
    }

    @Test func refusedRecords_areReportedInTheLog() throws {
        let pipe = try Pipe()
        let writer = LogWriter(format: .json, descriptor: pipe.writeEnd, capacityBytes: 10)
        Logger(label: "l") { StructuredLogHandler(label: $0, writer: writer) }.info("too long")
        #expect(writer.dropped == 1)
        writer.flush()
        let lines = pipe.lines()
        #expect(lines.count == 1)
        #expect(lines.first?.contains(#""message":"log records dropped""#) == true)
        #expect(lines.first?.hasSuffix(#""dropped":1}"#) == true)
    }

    @Test func silentReader_delaysNeitherLoggingNorFlush() throws {
        let pipe = try Pipe()
        let writer = LogWriter(format: .json, descriptor: pipe.writeEnd, capacityBytes: 100_000)
        let logger = Logger(label: "l") { StructuredLogHandler(label: $0, writer: writer) }
        let long = String(repeating: "x", count: 4000)
        for _ in 0..<100 { logger.info("\(long)") }
        writer.flush(within: .zero)
        #expect(writer.dropped > 0)
        // This releases the thread of the writer. Otherwise it would wait until the process ends.
        let isTold = pipe.readUntil { $0.contains("log records dropped") }
        #expect(isTold)
    }

    @Test func records_areLostAndCounted_whenTheDescriptorIsNotWritable() {
        let writer = LogWriter(format: .json, descriptor: -1)
        Logger(label: "l") { StructuredLogHandler(label: $0, writer: writer) }.info("lost")
        writer.flush()
        #expect(writer.dropped == 1)
    }
}
