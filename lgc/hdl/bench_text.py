"""The text of test benches: what all have, and what each interface needs; see `test_bench`."""

from __future__ import annotations

HEAD = """\
// Test bench of @name@: prints one line, "PASS <n> samples" or "FAIL ...".
// Reads vectors.hex and expected.hex of the folder in which it runs, writes results.hex.

module @name@_tb;
    localparam LATENCY = @latency@;

    reg  [@sample@ - 1:0] sample;  // the next to send
    reg  [@group@ * @answer_groups@ - 1:0] answer;  // the next that is expected
    reg  [@group@ - 1:0] group;
    reg  [@outputs@ - 1:0] wrong, right;  // at the first difference
    reg  [31:0] noise;
    reg  more;  // there is a sample
    reg  over;  // the verdict has been given
    integer vectors, expected, results;
    integer place, sent, done, differ, first, cycles, restarts;

@words@
    wire [@outputs@ - 1:0] found = {@joined@};

    task start;  // from the first sample on
        begin
            vectors = $fopen("vectors.hex", "r");
            expected = $fopen("expected.hex", "r");
            results = $fopen("results.hex", "w");
            sent = 0;
            done = 0;
            cycles = 0;
            restarts = 0;
            if (vectors == 0 || expected == 0 || results == 0)
                fail("vectors.hex or expected.hex is not here, or results.hex cannot be written");
            else
                next_sample;
        end
    endtask

    task stop;
        begin
            $fclose(vectors);
            $fclose(expected);
            $fclose(results);
        end
    endtask

    task next_sample;
        begin
            more = 1'b1;
            for (place = 0; place < @vector_groups@; place = place + 1) begin
                if ($fscanf(vectors, "%h", group) != 1) more = 1'b0;
                sample[@group@ * place +: @group@] = group;
            end
        end
    endtask

    task compare;  // what the design gives now, with the next answer
        begin
            for (place = 0; place < @answer_groups@; place = place + 1) begin
                if ($fscanf(expected, "%h", group) != 1) fail("there are too many answers");
                answer[@group@ * place +: @group@] = group;
            end
            if (found !== answer[@outputs@ - 1:0]) begin
                if (differ == 0) begin
                    first = done;
                    wrong = found;
                    right = answer[@outputs@ - 1:0];
                end
                differ = differ + 1;
            end
            $fwrite(results, "%h\\n", found);
            done = done + 1;
        end
    endtask

    task fail;
        input [8 * 80 - 1:0] reason;
        begin
            if (!over) $display("FAIL %0s, at sample %0d", reason, done);
            over = 1'b1;
        end
    endtask

    task verdict;
        begin
            if (!over && differ == 0 && $fscanf(expected, "%h", group) == 1)
                fail("there are too few answers");
            if (!over && done == 0) fail("there are no samples");
            if (!over && differ != 0)
                $display("FAIL sample %0d gives %h instead of %h, %0d of %0d samples differ",
                         first, wrong, right, differ, done);
            else if (!over)
                $display("PASS %0d samples", done);
            over = 1'b1;
            stop;
            $finish(0);
        end
    endtask
"""

PLAIN = """\

    reg  [@inputs@ - 1:0] x;
@clock@
    @name@ dut (@clock_port@.x(x), @ports@);

    initial begin
        over = 1'b0;
        differ = 0;
@low@
        x = {@inputs@{1'bx}};  // what there is at power-up goes away by itself
        repeat (LATENCY + 1) begin
            @edge@
        end
        start;
        while (!over && (more || done < sent)) begin
            x = more ? sample[@inputs@ - 1:0] : {@inputs@{1'bx}};
            if (more) sent = sent + 1;
            @edge@
            cycles = cycles + 1;
            if (cycles >= LATENCY && done < sent) compare;
            if (more) next_sample;
        end
        verdict;
    end
"""

STREAM = """\

    reg  clk, reset, offers, takes;  // offers a sample, takes an answer
    reg  watched, quiet, waits;
    reg  moved_in, moved_out, complete;
    reg  [@outputs@ - 1:0] kept;
    integer idle, stall, sent_in;
    wire accepts, answers;
@declared@

    task edge_of_clock;  // one cycle, and what moves in it
        begin
            #1;
            moved_in = offers & accepts;
            moved_out = answers & takes;
            if (watched && (^{answers, accepts}) === 1'bx)
                fail("valid or ready is unknown after the reset");
            else if (watched && quiet && answers)
                fail("there is an answer right after a reset");
            else if (watched && waits && (!answers || found !== kept))
                fail("an answer changes while it waits");
            else if (watched && moved_out)
                compare;
            waits = watched & answers & ~takes;
            kept = found;
            clk = 1'b1;
            #1;
            clk = 1'b0;
            cycles = cycles + 1;
            noise = noise ^ (noise << 13);
            noise = noise ^ (noise >> 17);
            noise = noise ^ (noise << 5);
        end
    endtask

    task reset_all;
        begin
            watched = 1'b0;
            waits = 1'b0;
            reset = 1'b1;
            edge_of_clock;
            edge_of_clock;
            reset = 1'b0;
            offers = 1'b0;
            takes = 1'b1;
            offer;
            watched = 1'b1;
            quiet = 1'b1;
            repeat (LATENCY + 3) edge_of_clock;
            quiet = 1'b0;
        end
    endtask

    // Send samples from the first on; gaps, back-pressure and both in turn unless it hurries.
    task play;
        input integer most;
        input hurries;
        input drains;  // waits for the last answer
        begin
            start;
            restart;
            offers = 1'b0;
            idle = 0;
            stall = 0;
            while (!over && ((more && sent < most) || (drains && done < sent))) begin
@again@
                if (!offers && more && sent < most)
                    offers = hurries | noise[4] | ((sent / 16) % 3 == 1);
                if (stall > 0)
                    stall = stall - 1;
                else if (!hurries && (sent / 16) % 3 != 0 && noise[13:10] == 4'd0)
                    stall = {27'd0, noise[18:14]} + 2 * @interval@;
                takes = hurries | (stall == 0 & (noise[9] | ((sent / 16) % 3 == 0)));
                offer;
                edge_of_clock;
                idle = moved_in | moved_out ? 0 : idle + 1;
                if (idle > LATENCY + 1000 + 4 * @interval@) fail("nothing moves any more");
                if (moved_in) begin
                    offers = 1'b0;
                    taken(hurries);
                    if (complete) begin
                        sent = sent + 1;
                        next_sample;
                    end
                end
            end
        end
    endtask

    initial begin
        over = 1'b0;
        differ = 0;
        noise = 32'd2463534242;
        clk = 1'b0;
        reset = 1'bx;  // power-up: nothing is known
        offers = 1'bx;
        takes = 1'bx;
        watched = 1'b0;
        quiet = 1'b0;
        waits = 1'b0;
        cycles = 0;
        sent = 0;
        done = 0;
        restart;
        offer;
        edge_of_clock;
        reset_all;
        play(@hurried@ / 2, 1'b0, 1'b0);
        if (more && !over) begin  // reset within a sample
            offers = 1'b1;
            offer;
            edge_of_clock;
        end
        stop;
        if (!over) reset_all;
        if (!over) begin
            play(@hurried@, 1'b1, 1'b1);
            sent_in = (sent - 1) * @interval@ + @beats@;  // cycles
            if (!over && sent > 0 && restarts == 0 && cycles != sent_in + LATENCY + @extra@)
                fail("the latency is not what it should be");
            stop;
        end
        if (!over) play(32'h7fffffff, 1'b0, 1'b1);
        verdict;
    end
"""

VALID = {
    "declared": """\
    reg  [@bus@ - 1:0] x;
    integer beat;  // of the sample

    @name@ dut (
        .clk(clk), .rst(reset), .in_valid(offers), .in_ready(accepts), @x@
        .out_valid(answers), .out_ready(takes), @ports@
    );

    task restart;
        begin
            beat = 0;
            complete = 1'b0;
        end
    endtask

    task offer;
        x = offers === 1'b1 ? sample[@bus@ * beat +: @bus@] : {@bus@{1'bx}};
    endtask

    task taken;
        input hurries;
        begin
            complete = beat == @beats@ - 1;
            beat = complete ? 0 : beat + 1;
        end
    endtask
""",
}

AXI = {
    "declared": """\
    reg  [@bus@ - 1:0] tdata;
    reg  tlast, short, last;  // short: this sample is to be cut
    integer beat, cut;
    wire [@back@ - 1:0] given;
    wire end_of_answer;
    assign {@joined@} = given[@outputs@ - 1:0];

    @name@ dut (
        .aclk(clk), .aresetn(~reset),
        .s_axis_tdata(tdata), .s_axis_tvalid(offers), .s_axis_tready(accepts), .s_axis_tlast(tlast),
        .m_axis_tdata(given), .m_axis_tvalid(answers), .m_axis_tready(takes),
        .m_axis_tlast(end_of_answer)
    );

    task restart;
        begin
            beat = 0;
            short = 1'b0;
        end
    endtask

    task offer;
        begin
            last = short ? beat == cut - 1 : beat == @beats@ - 1;
            tdata = {@bus@{1'bx}};
            if (offers === 1'b1)
                tdata = short ? ~sample[@bus@ * beat +: @bus@] : sample[@bus@ * beat +: @bus@];
            tlast = offers === 1'b1 ? last : 1'bx;
        end
    endtask

    task taken;
        input hurries;
        begin
            complete = last & ~short;
            beat = last ? 0 : beat + 1;
            if (last) begin
                cut = {20'd0, noise[31:20]} % @beats@;
                short = ~hurries & (cut > 0) & noise[15];
            end
        end
    endtask
""",
}
