/* Texts that say how far a run is, each step: attributes and JSON texts, written over, with commits and in files opened again. */
#include "with_h5sim.h"

int main(void)
{
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int t = 0; t < 2000; t++)
        OK(h5sim_set_attr_text(file, "/", "status", status(t)));
    OK(h5sim_close(file));
    end("attribute");
    begin();
    file = opened("b.h5", "w", NULL);
    for (int t = 0; t < 500; t++) {
        OK(h5sim_set_attr_text(file, "/", "status", status(t)));
        OK(h5sim_commit(file));
    }
    OK(h5sim_close(file));
    end("attribute_commits");
    begin();
    file = opened("c.h5", "w", NULL);
    for (int t = 0; t < 500; t++) {
        OK(h5sim_write_json_with(file, "status", status(t), "{\"overwrite\": true}"));
        OK(h5sim_commit(file));
    }
    OK(h5sim_close(file));
    end("json_commits");
    begin();
    for (int t = 0; t < 200; t++) {
        file = opened("b.h5", "r+", NULL);
        OK(h5sim_set_attr_text(file, "/", "status", status(t)));
        OK(h5sim_close(file));
    }
    end("attribute_reopened");
    begin();
    for (int t = 0; t < 200; t++) {
        file = opened("c.h5", "r+", NULL);
        OK(h5sim_write_json_with(file, "status", status(t), "{\"overwrite\": true}"));
        OK(h5sim_close(file));
    }
    end("json_reopened");
    return 0;
}
