/** A backend's file that somebody is in the midst of editing. */
throw new Error("half written");
