"""The portal: what people see. Flask, one folder for each kind of person, doors that say who may enter."""
