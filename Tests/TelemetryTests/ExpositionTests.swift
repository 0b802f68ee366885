import Metrics
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(1))) struct ExpositionTests {
    let registry = PrometheusRegistry()

    func text(_ format: ExpositionFormat = .prometheus) -> String {
        String(decoding: registry.exposition(format), as: UTF8.self)
    }

    @Test func counters_haveTheNameOfTheFormat() {
        registry.describe("harbor_fixes_total", "Fixes \"accepted\".\nAll \\ of them.")
        let counter = registry.counter("harbor_fixes", labels: [("result", "ok")])
        counter.increment()
        counter.increment(by: 2)
        counter.increment(by: -5)
        #expect(
            text() == """
                # HELP harbor_fixes_total Fixes "accepted".\\nAll \\\\ of them.
                # TYPE harbor_fixes_total counter
                harbor_fixes_total{result="ok"} 3.0

                """)
        #expect(
            text(.openMetrics) == """
                # HELP harbor_fixes Fixes \\"accepted\\".\\nAll \\\\ of them.
                # TYPE harbor_fixes counter
                harbor_fixes_total{result="ok"} 3.0
                # EOF

                """)
    }

    @Test func histogramBuckets_areCumulative_andEndWithInfinity() {
        registry.describe("wait_seconds", "Waits.")
        let histogram = registry.histogram("wait_seconds", labels: [("kind", "a")])
        for value in [0.1, 0.5, 20] { histogram.record(value) }
        histogram.record(Double.nan)
        let lines = text().split(separator: "\n").map(String.init)
        #expect(lines.prefix(2) == ["# HELP wait_seconds Waits.", "# TYPE wait_seconds histogram"])
        #expect(
            lines.dropFirst(8) == [
                "wait_seconds_bucket{kind=\"a\",le=\"0.1\"} 1",
                "wait_seconds_bucket{kind=\"a\",le=\"0.25\"} 1",
                "wait_seconds_bucket{kind=\"a\",le=\"0.5\"} 2",
                "wait_seconds_bucket{kind=\"a\",le=\"1.0\"} 2",
                "wait_seconds_bucket{kind=\"a\",le=\"2.5\"} 2",
                "wait_seconds_bucket{kind=\"a\",le=\"5.0\"} 2",
                "wait_seconds_bucket{kind=\"a\",le=\"10.0\"} 2",
                "wait_seconds_bucket{kind=\"a\",le=\"+Inf\"} 3",
                "wait_seconds_sum{kind=\"a\"} 20.6", "wait_seconds_count{kind=\"a\"} 3",
            ])
    }

    @Test func histogram_countsInPowersOfTwo_whenItsValuesAreNotTimes() {
        let histogram = registry.histogram("commit_rows")
        for value: Int64 in [1, 3, 5_000] { histogram.record(value) }
        let text = text()
        #expect(text.contains("commit_rows_bucket{le=\"1.0\"} 1\ncommit_rows_bucket{le=\"2.0\"} 1\n"))
        #expect(text.contains("commit_rows_bucket{le=\"4096.0\"} 2\ncommit_rows_bucket{le=\"+Inf\"} 3\n"))
    }

    @Test func histogramOfACollector_isReadAtEachScrape() {
        registry.collect {
            $0.histogram(
                "turn_seconds", bounds: [0.1, 1], counts: [5, 0, 1], sum: 2.25, labels: [("loop", "a")])
        }
        #expect(
            text() == """
                # TYPE turn_seconds histogram
                turn_seconds_bucket{loop="a",le="0.1"} 5
                turn_seconds_bucket{loop="a",le="1.0"} 5
                turn_seconds_bucket{loop="a",le="+Inf"} 6
                turn_seconds_sum{loop="a"} 2.25
                turn_seconds_count{loop="a"} 6

                """)
    }

    @Test func names_becomeValid_andLabelValuesAreEscaped() {
        registry.gauge("9a-b.c", labels: [("x-y", "q\"\\\n"), ("__own", "é")]).set(Double.infinity)
        #expect(
            text() == """
                # TYPE _9a_b_c gauge
                _9a_b_c{label__own="é",x_y="q\\"\\\\\\n"} +Inf

                """)
    }

    @Test func sameNameAndLabels_giveTheSameMetric_inAnyOrder() {
        let labels = [("a", "1"), ("b", "2")]
        #expect(
            registry.counter("c", labels: labels) === registry.counter("c_total", labels: labels.reversed()))
        #expect(registry.counter("c", labels: labels) !== registry.counter("c"))
    }

    @Test func conflictingMetrics_areCountedAndNotExposed() {
        let registry = PrometheusRegistry(maxSeriesPerName: 2)
        for number in 0..<3 { registry.counter("c", labels: [("n", "\(number)")]).increment() }
        registry.gauge("c").set(1.0)
        let text = String(decoding: registry.exposition(.prometheus), as: UTF8.self)
        #expect(text.contains("telemetry_unexposed_series 2.0\n"))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("c_total") } == 2)
        #expect(!text.contains("TYPE c gauge"))
    }

    @Test func collectors_areReadAtEachScrape() {
        let length = PrometheusGauge()
        registry.collect { $0.gauge("mailbox_messages", length.value, labels: [("mailbox", "m")]) }
        registry.collect { $0.counter("dropped_total", 4, "Drops.") }
        length.set(2.0)
        #expect(text().contains("mailbox_messages{mailbox=\"m\"} 2.0\n"))
        length.set(3.0)
        #expect(text().contains("mailbox_messages{mailbox=\"m\"} 3.0\n"))
        #expect(
            text().contains("# HELP dropped_total Drops.\n# TYPE dropped_total counter\ndropped_total 4.0\n"))
    }

    @Test func metricsOfSwiftMetrics_areExposed() {
        let counter = Counter(label: "requests", dimensions: [("code", "200")], factory: registry)
        counter.increment(by: 2)
        let timer = Timer(
            label: "latency_seconds", dimensions: [], preferredDisplayUnit: .seconds, factory: registry)
        timer.recordMilliseconds(20)
        let meter = Meter(label: "depth", factory: registry)
        meter.set(5)
        meter.decrement()
        Recorder(label: "size", dimensions: [], aggregate: true, factory: registry).record(3)
        Gauge(label: "level", factory: registry).record(7)
        let expected = [
            "requests_total{code=\"200\"} 2.0", "latency_seconds_bucket{le=\"0.01\"} 0",
            "latency_seconds_bucket{le=\"0.025\"} 1", "latency_seconds_sum 0.02", "depth 4.0",
            "size_count 1", "level 7.0",
        ]
        let lines = Set(text().split(separator: "\n").map(String.init))
        #expect(expected.filter { !lines.contains($0) } == [])
    }

    @Test func increments_countFromManyTasks() async {
        let (counter, gauge) = (registry.counter("c"), registry.gauge("g"))
        let histogram = registry.histogram("h")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.increment()
                        gauge.increment(by: 1)
                        histogram.record(1.0)
                    }
                }
            }
        }
        #expect(counter.value == 40_000 && gauge.value == 40_000)
        #expect(histogram.count == 40_000 && histogram.sum == 40_000)
    }

    @Test func processMetrics_areExposed() throws {
        registry.collect(ProcessMetrics().collect)
        var values: [String: Double] = [:]
        for line in text().split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            values[String(parts[0])] = Double(parts[1])
        }
        #expect(values.count == 7)
        #expect(try #require(values["process_resident_memory_bytes"]) > 1_000_000)
        #expect(try #require(values["process_open_fds"]) >= 3)
        #expect(try #require(values["process_threads"]) >= 1)
        let age =
            Double(UTCTime.nowMilliseconds()) / 1000 - (try #require(values["process_start_time_seconds"]))
        #expect((-1...3600).contains(age))
    }

    @Test func processName_cannotShiftTheFields() {
        let fields = (3...24).map { $0 == 3 ? "S" : "\($0)" }.joined(separator: " ")
        let stat = ProcessStat(Array("42 (a) b (c)) \(fields)\n".utf8))
        #expect(stat?.cpuTicks == 29 && stat?.threads == 20 && stat?.startTicks == 22)
        #expect(stat?.virtualBytes == 23 && stat?.residentPages == 24)
        #expect(ProcessStat([]) == nil)
        #expect(ProcessStat(Array("42 (a) S 1 2".utf8)) == nil)
    }
}
