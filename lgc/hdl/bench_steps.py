"""The text of test benches of recurrent models: a reset where a sequence begins."""

from __future__ import annotations

AGAIN = """\
                if (!offers && more && sent < most && sample[@begins@]) begin
                    takes = 1'b1;
                    offer;
                    repeat (LATENCY + 4 + 2 * @interval@)
                        if (!over && done < sent) edge_of_clock;
                    if (done < sent) fail("an answer does not come");
                    reset = 1'b1;
                    edge_of_clock;
                    reset = 1'b0;
                    restart;
                    cycles = cycles - 1;
                    if (sent > 0) restarts = restarts + 1;
                    sample[@begins@] = 1'b0;
                end
"""
"""Before a sample is offered: once all answers are there, the state goes back to its start."""

STEPS = """\

    reg  [@inputs@ - 1:0] x;
    reg  clk, rst, enable;
    reg  [@outputs@ - 1:0] kept;
    @name@ dut (.clk(clk), .rst(rst), .enable(enable), @x@@ports@);

    task edge_of_clock;
        begin
            #1;
            clk = 1'b1;
            #1;
            clk = 1'b0;
            #1;
            noise = noise ^ (noise << 13);
            noise = noise ^ (noise >> 17);
            noise = noise ^ (noise << 5);
        end
    endtask

    initial begin
        over = 1'b0;
        differ = 0;
        noise = 32'd2463534242;
        clk = 1'b0;
        rst = 1'b0;
        enable = 1'bx;  // power-up: nothing is known
        x = {@inputs@{1'bx}};
        edge_of_clock;
        start;
        while (!over && more) begin
            if (sample[@begins@]) begin  // a reset wins over a step
                rst = 1'b1;
                enable = noise[3];
                edge_of_clock;
                rst = 1'b0;
            end
            enable = 1'b0;
            x = sample[@inputs@ - 1:0];
            #1;
            kept = found;
            if (noise[7]) begin  // without enable nothing moves, whatever is read
                x = {@inputs@{1'bx}};
                edge_of_clock;
                x = sample[@inputs@ - 1:0];
                #1;
                if (found !== kept) fail("the state moves without enable");
            end
            enable = 1'b1;
            compare;
            edge_of_clock;
            enable = 1'b0;
            sent = sent + 1;
            next_sample;
        end
        verdict;
    end
"""
